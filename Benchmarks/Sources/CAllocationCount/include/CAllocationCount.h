#ifndef CALLOCATIONCOUNT_H
#define CALLOCATIONCOUNT_H

#include <stdbool.h>
#include <stdint.h>

/// What the allocator of this process was asked for while counting was on, over all threads.
struct allocation_count {
    /// Calls of malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign that returned memory.
    uint64_t allocations;
    /// Calls of free with a pointer that was not null.
    uint64_t frees;
};

/// Sets both counts to zero and turns counting on.
void allocation_count_begin(void);

/// Turns counting off and returns what was counted.
struct allocation_count allocation_count_end(void);

/// Whether this platform's allocator can be counted (glibc only).
bool allocation_count_is_available(void);

/// Gives free memory of the C heap back to the system where that is possible.
void allocation_count_trim(void);

#endif
