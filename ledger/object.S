/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The compiled programs of count.bpf.c, as bytes; meson says where the file is. */

        .section .rodata
        .balign 8
        .globl load_object
load_object:
        .incbin COUNT_OBJECT
        .globl load_object_end
load_object_end:
        .byte 0
        .section .note.GNU-stack,"",@progbits
