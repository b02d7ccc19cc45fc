#define _GNU_SOURCE
#include "vdso.h"
#ifdef CCLOCK_PATCHES
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VDSO_MAX 65536

static int range(int pid, uint64_t *low, uint64_t *high) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    if (!maps) return -errno;
    int status = -ENOENT;
    while (fgets(line, sizeof line, maps)) {
        if (strstr(line, "[vdso]") && sscanf(line, "%lx-%lx", low, high) == 2) status = 0;
    }
    fclose(maps);
    return status;
}

// The image of the vDSO comes from another process: every offset in it is checked.
static const void *within(const uint8_t *image, size_t size, uint64_t offset, uint64_t count) {
    return offset <= size && count <= size - offset ? image + offset : 0;
}

static int symbols(const uint8_t *image, size_t size, uint64_t low, struct sites *sites) {
    static const char *const names[] = {"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time"};
    const Elf64_Ehdr *head = within(image, size, 0, sizeof *head);
    if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 ||
        head->e_machine != EM_X86_64)
        return -ENOEXEC;
    const Elf64_Phdr *segments = within(image, size, head->e_phoff, head->e_phnum * sizeof *segments);
    if (!segments) return -ENOEXEC;
    uint64_t dynamic = 0, base = 0, count = 0;
    for (int i = 0; i < head->e_phnum; i++) {
        if (segments[i].p_type == PT_DYNAMIC) {
            dynamic = segments[i].p_offset;
            count = segments[i].p_filesz / sizeof(Elf64_Dyn);
        }
        if (segments[i].p_type == PT_LOAD) base = segments[i].p_vaddr - segments[i].p_offset;
    }
    const Elf64_Dyn *entries = within(image, size, dynamic, count * sizeof *entries);
    uint64_t table = 0, text = 0, text_size = 0;
    for (uint64_t i = 0; entries && i < count && entries[i].d_tag != DT_NULL; i++) {
        if (entries[i].d_tag == DT_SYMTAB) table = entries[i].d_un.d_ptr - base;
        if (entries[i].d_tag == DT_STRTAB) text = entries[i].d_un.d_ptr - base;
        if (entries[i].d_tag == DT_STRSZ) text_size = entries[i].d_un.d_val;
    }
    const char *strings = within(image, size, text, text_size);
    if (!table || !strings || text < table) return -ENOEXEC;
    uint64_t number = (text - table) / sizeof(Elf64_Sym);  // the strings follow the symbols
    const Elf64_Sym *all = within(image, size, table, number * sizeof *all);
    for (uint64_t i = 1; all && i < number; i++) {
        if (ELF64_ST_TYPE(all[i].st_info) != STT_FUNC || all[i].st_size < CCLOCK_JUMP) continue;
        uint64_t place = all[i].st_value - base;
        for (int j = 0; j < 3; j++) {
            size_t length = strlen(names[j]) + 1;
            if (all[i].st_name > text_size || length > text_size - all[i].st_name) continue;
            if (memcmp(strings + all[i].st_name, names[j], length) != 0) continue;
            if (!within(image, size, place, 16)) continue;
            sites->site[j] = low + place;
            memcpy(sites->entry[j], image + place, 16);
        }
    }
    return sites->site[0] ? 0 : -ENOEXEC;
}

int cclock_sites(int pid, int memory, struct sites *sites) {
    static _Thread_local uint8_t image[VDSO_MAX];
    memset(sites, 0, sizeof *sites);
    uint64_t low = 0, high = 0;
    int status = range(pid, &low, &high);
    if (status < 0) return status;
    size_t size = high - low;
    if (size > VDSO_MAX) return -ENOEXEC;
    if (pread(memory, image, size, (off_t)low) != (ssize_t)size) return errno ? -errno : -EIO;
    for (size_t i = 0; i + 1 < size && !sites->syscall; i++)
        if (image[i] == 0x0f && image[i + 1] == 0x05) sites->syscall = low + i;
    if (!sites->syscall) return -ENOEXEC;
    return symbols(image, size, low, sites);
}

uint64_t cclock_jump_target(const uint8_t *entry) {
    if (entry[0] != 0x48 || entry[1] != 0xb8 || entry[10] != 0xff || entry[11] != 0xe0) return 0;
    uint64_t target;
    memcpy(&target, entry + 2, sizeof target);
    return target;
}
#endif
