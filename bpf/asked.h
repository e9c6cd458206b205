/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* How many calls to other servers the request of a record made: part of struct pl_turn, as wire.h. */
#ifndef PLATEAU_ASKED_H
#define PLATEAU_ASKED_H

#include "turn_record.h"

/* 0: not known; else one more than the calls of this record. Captures of wire version 4 and before have 0. */
#define PL_TURN_ASKED(turn) ((turn)->addr.reserved)
#define PL_MOST_ASKED 65534u

#endif
