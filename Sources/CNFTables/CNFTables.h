#pragma once
// CNFTables: libnftables as it is.
#include <nftables/libnftables.h>
