#include "model/least_squares.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace plateau::model {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

struct Normal {
  Matrix matrix{};  // of the columns scaled to length 1
  Vector right{};
  Vector scale{};
};

Normal normal_equations(const std::vector<Vector>& rows, const std::vector<double>& wanted) {
  Normal n;
  for (const Vector& row : rows)
    for (std::size_t i = 0; i < 3; i++) n.scale[i] += row[i] * row[i];
  for (double& length : n.scale) length = length > 0 ? std::sqrt(length) : 1;
  for (std::size_t r = 0; r < rows.size(); r++)
    for (std::size_t i = 0; i < 3; i++) {
      const double value = rows[r][i] / n.scale[i];
      n.right[i] += value * wanted[r];
      for (std::size_t j = 0; j < 3; j++) n.matrix[i][j] += value * rows[r][j] / n.scale[j];
    }
  return n;
}

// Gauss elimination with pivots, over the coefficients in `set`; nullopt: singular.
std::optional<Vector> solve(const Normal& n, unsigned set) {
  Matrix a = n.matrix;
  Vector b = n.right;
  for (std::size_t i = 0; i < 3; i++) {
    if (set >> i & 1u) continue;
    for (std::size_t j = 0; j < 3; j++) a[i][j] = a[j][i] = 0;
    a[i][i] = 1;
    b[i] = 0;
  }
  for (std::size_t column = 0; column < 3; column++) {
    std::size_t pivot = column;
    for (std::size_t i = column + 1; i < 3; i++)
      if (std::abs(a[i][column]) > std::abs(a[pivot][column])) pivot = i;
    if (std::abs(a[pivot][column]) < 1e-14) return std::nullopt;
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (std::size_t i = 0; i < 3; i++) {
      if (i == column) continue;
      const double factor = a[i][column] / a[column][column];
      for (std::size_t j = 0; j < 3; j++) a[i][j] -= factor * a[column][j];
      b[i] -= factor * b[column];
    }
  }
  return Vector{b[0] / a[0][0], b[1] / a[1][1], b[2] / a[2][2]};
}

double miss(const std::vector<Vector>& rows, const std::vector<double>& wanted, const Vector& x) {
  double sum = 0;
  for (std::size_t r = 0; r < rows.size(); r++) {
    const double d = rows[r][0] * x[0] + rows[r][1] * x[1] + rows[r][2] * x[2] - wanted[r];
    sum += d * d;
  }
  return sum;
}

}  // namespace

std::array<double, 3> non_negative_least_squares(const std::vector<std::array<double, 3>>& rows,
                                                 const std::vector<double>& wanted) {
  const Normal n = normal_equations(rows, wanted);
  Vector best{};
  double least = miss(rows, wanted, best);
  for (unsigned set = 1; set < 8; set++) {
    auto x = solve(n, set);
    if (!x) continue;
    for (std::size_t i = 0; i < 3; i++) (*x)[i] /= n.scale[i];
    if ((*x)[0] < 0 || (*x)[1] < 0 || (*x)[2] < 0) continue;
    if (const double sum = miss(rows, wanted, *x); sum < least) {
      least = sum;
      best = *x;
    }
  }
  return best;
}

}  // namespace plateau::model
