// Random conversations of many connections: the records that the kernel side would write of them, and what
// truly happened.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "records.h"

namespace plateau::request::test {

// Everything that a recording must not hold (queries, header values, bodies, chunk extensions, trailers,
// reason phrases) consists of these characters, and nothing else holds them.
inline constexpr std::string_view kSecret = "QZJ~";

struct Exchange {
  std::uint64_t conn = 0;
  std::string method;
  std::string path;
  int status = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  Outcome outcome = Outcome::answered;
  bool overcharged = false;  // on purpose
};

struct TrafficOptions {
  int connections = 20;
  int exchanges = 25;       // on each
  bool overlapped = true;   // requests that come while an answer is under way
  bool overcharged = true;  // some records claim more time than passed
};

struct Traffic {
  std::vector<Exchange> exchanges;           // by connection, in order
  std::vector<std::vector<Record>> records;  // of each connection, in the order in which things happened
};

Traffic make_traffic(std::mt19937& random, const TrafficOptions& options = {});

// All records as the ring may deliver them: by time, each late by up to `late_ns`.
std::vector<Record> shuffled(const Traffic& traffic, std::mt19937& random, std::uint64_t late_ns);

// When a record was written.
std::uint64_t time_of(const Record& record);

}  // namespace plateau::request::test
