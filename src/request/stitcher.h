// Turns to requests, for all connections: puts each connection's records in order and hands them to its
// conversation. Pure: what it knows of time is what the records say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "request/conversation.h"
#include "request/counters.h"
#include "request/request.h"
#include "request/world_stops.h"
#include "wire/event.h"

namespace plateau::request {

struct StitcherLimits {
  std::size_t connections = 65536;
  // Records waiting for one before them. A thread writes its own at its next boundary, and where it computes
  // on, or gets no CPU, for a tenth of a second, others may serve the connection hundreds of times meanwhile.
  std::size_t held_per_connection = 4096;
  std::size_t held_bytes = 8u << 20;          // on all connections
  std::uint64_t hold_ns = 500'000'000;        // then the one before them is lost, where it may be
  std::uint64_t starved_ns = 60'000'000'000;  // where it cannot be: its thread gets no CPU
  std::uint64_t quiet_ns = 1'000'000'000;     // then an answer without a visible end is over
};

// Records that the kernel side could not write.
struct Losses {
  std::uint64_t turns = 0;  // part 0
  std::uint64_t parts = 0;  // later ones
  bool operator==(const Losses&) const = default;
};

using RecordSink = std::function<void(std::span<const std::byte>)>;

class Stitcher {
 public:
  explicit Stitcher(RequestSink sink, StitcherLimits limits = {});
  Stitcher(const Stitcher&) = delete;  // what conversations emit comes back to it
  Stitcher& operator=(const Stitcher&) = delete;

  // `sink` gets every record as it was written, each connection's in their order: what a capture keeps. It is
  // called before the record's requests are emitted.
  void on_record(RecordSink sink) { record_sink_ = std::move(sink); }

  void turn(const wire::Turn& turn);
  void close(const wire::Close& close);

  // The capture pauses, or goes on after a pause: requests under way are given up, those of connections that
  // close in between too.
  void pause(const wire::Pause& pause);

  // A stop of the world: requests that are emitted from now on say how much of their time it was.
  void stop(const wire::Stop& stop);

  // What the kernel side had no room for so far, read at `now_ns`, after the records. A record that does not
  // come is one of those, or its thread has not got to writing it. Where it cannot be one of those it is
  // waited for as long as there is room; where nobody tells of losses it may always be one.
  void losses(const Losses& lost, std::uint64_t now_ns);

  // Gives up on what has waited too long. `now_ns`: as the records' times; call it several times a second.
  void sweep(std::uint64_t now_ns);

  // The capture is over: gives up on everything that waits for a record. Requests under way are not emitted.
  void finish();

  const Counters& counters() const { return counters_; }
  std::size_t connections() const { return connections_.size(); }
  std::size_t under_way() const;

 private:
  struct Held {
    std::vector<std::uint64_t> record;  // aligned copy
    std::uint64_t ts = 0;
    std::size_t bytes() const { return record.size() * sizeof(record[0]); }
  };
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // sequence, part
  struct Connection {
    Conversation conversation;
    Place next{0, 0};
    bool started = false;
    bool watched = false;
    bool local = false;  // on a Unix socket
    std::map<Place, Held> held;
    std::list<std::uint64_t>::iterator waits;  // its place in waiting_, while anything is held
    std::uint64_t last_event_ns = 0;           // the last receive or send of the records so far
    std::vector<std::uint64_t> held_close;     // empty: none
    std::uint64_t close_ts = 0;
    std::list<std::uint64_t>::iterator age;
  };
  using Connections = std::unordered_map<std::uint64_t, Connection>;

  Connection& connection(std::uint64_t id);
  static bool in_order(const Connection& connection, const pl_turn& fixed);
  void accept(Connection& connection, const wire::Turn& turn, bool gap);
  void accept_held(Connection& connection);
  void hold(Connection& connection, const wire::Turn& turn);
  void drop_first(Connection& connection);
  void make_room();
  std::uint64_t patience(const Connection& connection) const;
  void give_up(Connection& connection);
  static bool caught_up(const Connection& connection, const pl_close& close);
  void count_never_came();
  void count_missing(const Connection& connection, std::uint32_t turns);
  void count_missing_parts(const Connection& connection, const pl_turn& first);
  bool end_if_closed(Connections::iterator it, bool over);
  void lose_end(Connections::iterator it);
  static const pl_close& close_of(const Connection& connection);
  void finish_close(Connections::iterator it, const pl_close& close, bool whole);
  void watch(std::uint64_t id, Connection& connection);
  void evict_oldest();
  void emit(const Request& request, const RequestSink& sink) const;

  RequestSink sink_;
  RecordSink record_sink_;
  WorldStops stops_;
  bool paused_ = false;
  bool forgetful_ = false;  // connections were forgotten
  StitcherLimits limits_;
  Counters counters_;
  Connections connections_;
  std::list<std::uint64_t> by_age_;   // least recently used first
  std::list<std::uint64_t> waiting_;  // with records held, the longest first
  std::size_t held_bytes_ = 0;
  bool losses_told_ = false;
  Losses lost_;
  std::uint64_t lost_by_ns_ = 0;        // the last loss was before this; 0: none yet
  std::vector<std::uint64_t> watched_;  // connections with requests under way or records held
};

}  // namespace plateau::request
