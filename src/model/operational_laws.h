// Operational laws: relations that hold between measured averages of any system in which arrivals and
// completions balance over the interval, whatever the distributions.
//
// Little: A Proof for the Queuing Formula L = lambda W, Operations Research 9(3), 1961. The others: Denning
// and Buzen, Computing Surveys 10(3), 1978; Lazowska, Zahorjan, Graham, Sevcik: Quantitative System
// Performance, 1984, chapter 3. Times in seconds, rates per second, utilisations 0…1 of one server.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace plateau::model {

// U = X D / m: busy share of each of `servers` servers.
constexpr double utilisation(double throughput, double demand, unsigned servers = 1) {
  return throughput * demand / servers;
}

// L = X R: mean number inside.
constexpr double number_inside(double throughput, double residence) {
  return throughput * residence;
}

// X_k = V_k X: what a station completes while the system completes one.
constexpr double forced_flow(double throughput, double visits) {
  return throughput * visits;
}

// R = N/X - Z of an interactive system. 0 if nothing is completed.
constexpr double response_time(double customers, double throughput, double think) {
  return throughput > 0 ? customers / throughput - think : 0;
}

// Z = N/X - R, 0 at the least: what the load waits between an answer and its next request, the network
// included.
double think_time(double customers, double throughput, double response);

// What was measured independently of each other; absent: not known.
struct Measurement {
  std::optional<double> throughput;  // requests/s
  std::optional<double> response;    // s, mean
  std::optional<double> inside;      // mean number of requests inside
  std::optional<double> customers;   // of a closed load
  std::optional<double> think;       // s
  struct Device {
    std::string name;
    double demand = 0;  // s
    unsigned servers = 1;
    double utilisation = 0;  // measured another way than by X D
  };
  std::vector<Device> devices;
};

struct LawCheck {
  std::string law;  // "Little's law", "utilisation law: cpu", …
  double expected = 0;
  double measured = 0;
  bool holds = false;  // |measured - expected| <= tolerance * max(|measured|, |expected|)
};

// Each law for which enough is known. A law that does not hold says that a measurement is wrong or that the
// system was not in balance: no prediction should be made from it.
std::vector<LawCheck> check_laws(const Measurement& measurement, double tolerance);

}  // namespace plateau::model
