/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The screen of `top`.
 */

#ifndef CLI_TOPSCREEN_H
#define CLI_TOPSCREEN_H

#include "base/base.h"
#include "toplook.h"

struct topscreen;

int topscreen_new(struct topscreen **ret_screen);
struct topscreen *topscreen_free(struct topscreen *screen);
CLEANUP_DEFINE(struct topscreen, topscreen_free)

void topscreen_draw(struct topscreen *screen, const struct toplook *look);
void topscreen_resize(struct topscreen *screen);
bool topscreen_key(struct topscreen *screen, struct toplook *look);

#endif
