// Implied volatility by Newton's method inside a bracket, as it is usually written: the baseline of
// bench/impliedVolatility.bench.ts. g++ -O3 -march=native impliedVolatility.cpp -o newton
// ./newton FILE ROUNDS: FILE holds seven columns of doubles one after the other (sign, spot, strike, years, rate,
// dividend yield, price); prints the median CPU nanoseconds an option over ROUNDS, and how many did not converge.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

static double cpu() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static inline double cdf(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }

// Starts at the inflection (Manaster and Koehler, 1982), from where Newton's method on the price converges.
static double volatility(double w, double s, double k, double t, double r, double q, double price, bool& converged) {
  const double a = s * std::exp(-q * t), b = k * std::exp(-r * t), x = std::log(s / k) + (r - q) * t, rt = std::sqrt(t);
  if (w * (a - b) > 0) { price -= w * (a - b); w = -w; }
  double low = 0, high = 100 / rt, v = std::max(std::sqrt(2 * std::fabs(x)) / rt, 0.01);
  for (int i = 0; i < 200; i++) {
    const double sd = v * rt, d1 = x / sd + 0.5 * sd, d2 = d1 - sd;
    const double error = w * (a * cdf(w * d1) - b * cdf(w * d2)) - price;
    if (error > 0) high = v; else low = v;
    const double vega = a * 0.3989422804014327 * std::exp(-0.5 * d1 * d1) * rt;
    double next = v - error / vega;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::fabs(next - v) <= 1e-14 * v) { converged = true; return next; }
    v = next;
  }
  converged = false;
  return v;
}

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  std::FILE* file = std::fopen(argv[1], "rb");
  if (!file) return 1;
  std::fseek(file, 0, SEEK_END);
  const long n = std::ftell(file) / (7 * 8);
  std::rewind(file);
  std::vector<double> c(7 * n), out(n);
  if (std::fread(c.data(), 8, 7 * n, file) != size_t(7 * n)) return 1;
  std::vector<double> times;
  int failed = 0;
  for (int round = 0; round < std::atoi(argv[2]); round++) {
    const double started = cpu();
    failed = 0;
    for (long i = 0; i < n; i++) {
      bool converged = false;
      out[i] = volatility(c[i], c[n + i], c[2 * n + i], c[3 * n + i], c[4 * n + i], c[5 * n + i], c[6 * n + i], converged);
      failed += !converged;
    }
    times.push_back((cpu() - started) / n);
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (double v : out) sum += v;
  std::printf("%.2f %d %.17g\n", times[times.size() / 2], failed, sum);
}
