#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A file as an array of bytes in C: bpf_embed.sh FILE HEADER NAME. It is aligned, as ELF's
# readers (libelf, through libbpf) expect of what they are given in memory.
set -eu

{
    echo "static const unsigned char $3[] __attribute__((aligned(16))) = {"
    od -An -v -tx1 "$1" | sed 's/ \(..\)/0x\1,/g'
    echo '};'
} >"$2"
