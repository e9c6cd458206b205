// Pseudo-random numbers for the simulation: the same seed gives the same numbers on every machine.
#pragma once

#include <cmath>
#include <cstdint>

namespace plateau::model {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // In (0, 1].
  double uniform() { return (static_cast<double>(next() >> 11) + 1) * 0x1p-53; }
  unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
  double exponential(double mean) { return -mean * std::log(uniform()); }

  // Sum of k >= 1 exponentials of that mean each.
  double erlang(unsigned k, double mean) {
    double sum = 0;
    for (unsigned i = 0; i < k; i++) sum += exponential(mean);
    return sum;
  }

  // Not negative, of that mean and squared coefficient of variation (variance over mean squared): constant
  // for 0, a mixture of two Erlangs below 1, exponential at 1, hyperexponential with balanced means above
  // (Tijms: Stochastic Models, 1994, appendix B). Below 1/64 it is taken for constant.
  double duration(double mean, double scv);

 private:
  std::uint64_t state_;
};

}  // namespace plateau::model
