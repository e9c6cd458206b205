// Planted work in memory and on disk, of a given number of bytes.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace plateau::httpd {

// Allocates, touches every page, frees: from 64 KiB on by mapping and unmapping, as allocators do.
void touch_fresh(std::uint64_t bytes);
// Touches every page of memory that the thread keeps.
void touch_pooled(std::uint64_t bytes);

// Maps anonymous memory, touches every 4 KiB page, unmaps.
void fault_pages(std::uint64_t bytes);

// Copies so many bytes between two places that the thread keeps, a piece at a time.
void copy_bytes(std::uint64_t bytes);

// Writes a file without a name in `folder` and syncs its data.
Status write_and_sync(const std::string& folder, std::uint64_t bytes);
// The same; the first failure is said on standard error.
void write_and_sync_or_warn(const std::string& folder, std::uint64_t bytes);

}  // namespace plateau::httpd
