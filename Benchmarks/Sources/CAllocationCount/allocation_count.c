#include "CAllocationCount.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

// The counters are off unless asked for, so that a program that links this pays one relaxed load per call.
static atomic_bool counting;
static atomic_uint_fast64_t allocations;
static atomic_uint_fast64_t frees;

void allocation_count_begin(void) {
    atomic_store(&allocations, 0);
    atomic_store(&frees, 0);
    atomic_store(&counting, true);
}

struct allocation_count allocation_count_end(void) {
    atomic_store(&counting, false);
    struct allocation_count count = {atomic_load(&allocations), atomic_load(&frees)};
    return count;
}

#if defined(__GLIBC__)

#include <malloc.h>

// glibc exports its allocator under these names as well, so that a program may replace malloc and still use it.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

static inline void *counted(void *pointer) {
    if (pointer != NULL && atomic_load_explicit(&counting, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    }
    return pointer;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *pointer, size_t size) { return counted(__libc_realloc(pointer, size)); }

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *pointer = counted(__libc_memalign(alignment, size));
    if (pointer == NULL) {
        return ENOMEM;
    }
    *result = pointer;
    return 0;
}

void free(void *pointer) {
    if (pointer != NULL && atomic_load_explicit(&counting, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&frees, 1, memory_order_relaxed);
    }
    __libc_free(pointer);
}

bool allocation_count_is_available(void) { return true; }

void allocation_count_trim(void) { malloc_trim(0); }

#else

bool allocation_count_is_available(void) { return false; }

void allocation_count_trim(void) {}

#endif
