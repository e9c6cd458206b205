// What the simulation waits for: events by time, and customers in line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace plateau::model {

// Events of the same time come in the order in which they were pushed.
class EventQueue {
 public:
  struct Event {
    double time;
    std::uint64_t order;
    std::uint32_t customer;
  };

  void push(double time, std::uint32_t customer) {
    heap_.push_back({time, order_++, customer});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  // Undefined if empty.
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.time != b.time ? a.time > b.time : a.order > b.order;
  }

  std::vector<Event> heap_;
  std::uint64_t order_ = 0;
};

class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  void push(std::uint32_t item) { items_.push_back(item); }

  // Undefined if empty.
  std::uint32_t pop() {
    const std::uint32_t item = items_[head_++];
    if (head_ * 2 > items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return item;
  }

 private:
  std::vector<std::uint32_t> items_;
  std::size_t head_ = 0;
};

}  // namespace plateau::model
