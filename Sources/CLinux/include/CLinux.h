#pragma once
#define _GNU_SOURCE
#include <errno.h>
static inline int clinux_errno(void) { return errno; }
