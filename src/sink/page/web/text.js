// Quantities as the report writes them: three significant digits.

const digits = (value) => (value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2));

export function duration(ns) {
  if (ns < 1000) return `${Math.round(ns)} ns`;
  if (ns < 999.5e3) return `${digits(ns / 1e3)} us`;
  if (ns < 999.5e6) return `${digits(ns / 1e6)} ms`;
  return `${digits(ns / 1e9)} s`;
}

export const count = (n) => Math.round(n).toLocaleString('en-US');

export const rate = (perSecond) => `${count(perSecond)}/s`;

export function percent(share) {
  const value = share * 100;
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.95 ? value.toFixed(0) : value.toFixed(1)} %`;
}

export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${n} B` : `${digits(n)} ${units[unit]}`;
}

export const address = (n) => `0x${BigInt(n).toString(16)}`;
