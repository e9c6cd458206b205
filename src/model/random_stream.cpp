#include "model/random_stream.h"

namespace plateau::model {

double RandomStream::duration(double mean, double scv) {
  if (mean <= 0) return 0;
  if (scv < 1.0 / 64) return mean;
  if (scv == 1) return exponential(mean);
  if (scv > 1) {
    const double p = (1 + std::sqrt((scv - 1) / (scv + 1))) / 2;
    return uniform() <= p ? exponential(mean / (2 * p)) : exponential(mean / (2 * (1 - p)));
  }
  const unsigned k = static_cast<unsigned>(std::ceil(1 / scv));
  const double p = (k * scv - std::sqrt(k * (1 + scv) - k * (k * scv))) / (1 + scv);
  return erlang(uniform() <= p ? k - 1 : k, mean / (k - p));
}

}  // namespace plateau::model
