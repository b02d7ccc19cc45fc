#pragma once
#include "stub.h"
#ifdef CCLOCK_PATCHES
// Where in a process the functions stand that tell the time, and a `syscall` instruction.
struct sites {
    uint64_t site[3];          // 0: not there, or too short to be replaced
    uint8_t entry[3][16];      // what stands there now
    uint64_t syscall;
};
// Reads the vDSO of a process; `memory` is its /proc/PID/mem.
int cclock_sites(int pid, int memory, struct sites *sites);
#define CCLOCK_JUMP 12         // movabs rax, address; jmp rax
// Where a replaced entry leads; 0 when it is not one of ours.
uint64_t cclock_jump_target(const uint8_t *entry);
#endif
