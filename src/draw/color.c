/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "draw/figure.h"

/* matplotlib's "tab10" and seaborn's "deep". */
static const uint32_t tab10[FAC_PALETTE] = {0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd,
                                            0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf};
static const uint32_t deep[FAC_PALETTE] = {0x4c72b0, 0xdd8452, 0x55a868, 0xc44e52, 0x8172b3,
                                           0x937860, 0xda8bc3, 0x8c8c8c, 0xccb974, 0x64b5cd};

static const struct {
    const char *name;
    uint32_t color;
} named[] = {
    {"b", 0x0000ff},          {"g", 0x008000},           {"r", 0xff0000},         {"c", 0x00bfbf},
    {"m", 0xbf00bf},          {"y", 0xbfbf00},           {"k", 0x000000},         {"w", 0xffffff},
    {"tab:blue", 0x1f77b4},   {"tab:orange", 0xff7f0e},  {"tab:green", 0x2ca02c}, {"tab:red", 0xd62728},
    {"tab:purple", 0x9467bd}, {"tab:brown", 0x8c564b},   {"tab:pink", 0xe377c2},  {"tab:gray", 0x7f7f7f},
    {"tab:olive", 0xbcbd22},  {"tab:cyan", 0x17becf},    {"black", 0x000000},     {"white", 0xffffff},
    {"gray", 0x808080},       {"grey", 0x808080},        {"silver", 0xc0c0c0},    {"lightgray", 0xd3d3d3},
    {"darkgray", 0xa9a9a9},   {"red", 0xff0000},         {"darkred", 0x8b0000},   {"crimson", 0xdc143c},
    {"salmon", 0xfa8072},     {"coral", 0xff7f50},       {"tomato", 0xff6347},    {"orange", 0xffa500},
    {"darkorange", 0xff8c00}, {"gold", 0xffd700},        {"yellow", 0xffff00},    {"olive", 0x808000},
    {"lime", 0x00ff00},       {"green", 0x008000},       {"darkgreen", 0x006400}, {"lightgreen", 0x90ee90},
    {"seagreen", 0x2e8b57},   {"forestgreen", 0x228b22}, {"teal", 0x008080},      {"turquoise", 0x40e0d0},
    {"cyan", 0x00ffff},       {"magenta", 0xff00ff},     {"blue", 0x0000ff},      {"navy", 0x000080},
    {"darkblue", 0x00008b},   {"lightblue", 0xadd8e6},   {"skyblue", 0x87ceeb},   {"steelblue", 0x4682b4},
    {"royalblue", 0x4169e1},  {"indigo", 0x4b0082},      {"purple", 0x800080},    {"violet", 0xee82ee},
    {"orchid", 0xda70d6},     {"plum", 0xdda0dd},        {"pink", 0xffc0cb},      {"hotpink", 0xff69b4},
    {"brown", 0xa52a2a},      {"maroon", 0x800000},      {"chocolate", 0xd2691e}, {"tan", 0xd2b48c},
    {"khaki", 0xf0e68c},      {"beige", 0xf5f5dc},       {"lavender", 0xe6e6fa},
};

const uint32_t *fac_palette_named(const char *name)
{
    return !strcmp(name, "tab10") ? tab10 : !strcmp(name, "deep") ? deep : NULL;
}

static bool parse_hex(const char *digits, uint32_t *color)
{
    uint32_t value = 0;
    for (int i = 0; i < 6; i++) {
        char c = digits[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *color = value;
    return digits[6] == '\0';
}

bool fac_color_parse(const char *text, const uint32_t palette[FAC_PALETTE], uint32_t *color)
{
    if (text[0] == '#')
        return parse_hex(text + 1, color);
    if (text[0] == 'C' && text[1] >= '0' && text[1] <= '9' && !text[2]) {
        *color = palette[text[1] - '0'];
        return true;
    }
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (!strcmp(named[i].name, text)) {
            *color = named[i].color;
            return true;
        }
    return false;
}

/* Sixteenths of seaborn's and matplotlib's maps. */
static const struct {
    const char *name, *words;
} maps[] = {
    {"rocket",
     "0 '#03051a', 1 '#180f29', 2 '#30173a', 3 '#481c48', 4 '#611f53', 5 '#7b1f59', 6 '#971c5b', 7 '#b21758', "
     "8 '#cb1b4f', 9 '#df2f44', 10 '#ec4c3e', 11 '#f26b49', 12 '#f58860', 13 '#f6a37a', 14 '#f6bc99', "
     "15 '#f8d4bc', 16 '#faebdd'"},
    {"mako", "0 '#0b0405', 1 '#1c101c', 2 '#2b1c35', 3 '#37284f', 4 '#3e356b', 5 '#414387', 6 '#3b5698', 7 '#36699f', "
             "8 '#357ba3', 9 '#348da7', 10 '#359fab', 11 '#3cb1ad', 12 '#4bc2ad', 13 '#6ad2ad', 14 '#99ddb6', "
             "15 '#c0e9cc', 16 '#def5e5'"},
    {"viridis",
     "0 '#440154', 1 '#48186a', 2 '#472d7b', 3 '#424086', 4 '#3b528b', 5 '#33638d', 6 '#2c728e', 7 '#26828e', "
     "8 '#21918c', 9 '#1fa088', 10 '#28ae80', 11 '#3fbc73', 12 '#5ec962', 13 '#84d44b', 14 '#addc30', "
     "15 '#d8e219', 16 '#fde725'"},
    {"gray", "0 '#000000', 1 '#ffffff'"},
    {"coolwarm",
     "0 '#3b4cc0', 1 '#4e68d8', 2 '#6282ea', 3 '#779af7', 4 '#8db0fe', 5 '#a3c2fe', 6 '#b9d0f9', 7 '#ccd9ed', "
     "8 '#dddcdc', 9 '#ecd3c5', 10 '#f5c4ac', 11 '#f7b093', 12 '#f4987a', 13 '#eb7d62', 14 '#dd5f4b', "
     "15 '#ca3b37', 16 '#b40426'"},
};

const char *fac_cmap_named(const char *name)
{
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (!strcmp(maps[i].name, name))
            return maps[i].words;
    return NULL;
}
