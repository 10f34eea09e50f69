# SPDX-License-Identifier: MIT
# Fails with a CMake that is too old for CMakeLists.txt.
cmake_minimum_required(VERSION 3.25)
