"""What every expression of the dashboards and rules has to come to, by a lab's truth: the reference server's log, the
load's result, /proc. Expressions are told by what they compute of counters since the attach (panel_values)."""

BOUNDS = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
DURATION, STAGE = "http_server_request_duration_seconds", "plateau_request_stage_seconds_total"
ANY = "any"    # a label set that is not said; all others have to be there
EACH = "each"  # of every label set
SUM = "sum"    # of all together
EARLY = 0.01  # share of requests whose bytes are stamped well before they are ready: the kernel's softirq waits for a CPU
TAKING_UP = "accept_wait|wakeup|busy_loop|runqueue|handoff"


def near(x, share=0.05, slack=0.0):
    return (x - abs(x) * share - slack - 1e-9, x + abs(x) * share + slack + 1e-9)


def exact(x):
    return near(x, 1e-9)


def quantile(q, latencies):
    """As Prometheus makes it of buckets."""
    counts = [sum(one <= bound for one in latencies) for bound in BOUNDS]
    rank = q * len(latencies)
    for i, count in enumerate(counts):
        if count >= rank:
            before, start = (counts[i - 1], BOUNDS[i - 1]) if i else (0, 0)
            return start + (BOUNDS[i] - start) * (rank - before) / (count - before)
    return BOUNDS[-1]


def measured(latencies):
    """What they may be measured as: 5 % or 20 us off, from the least to the most that the server's log lets them be."""
    some = list(latencies)
    return [0.95 * low - 2e-5 for low, _ in some], [1.05 * high + 2e-5 for _, high in some]


def quantiles(q, of):
    """Rising with every latency; of few requests with their share too."""
    def expected(latencies):
        low, high = measured(latencies)
        return (quantile(q - EARLY, low), quantile(min(1, q + EARLY), high))
    return lambda lab: {key: expected(latencies) for key, latencies in of(lab).items()}


def whole(lab):
    return {(): lab.latencies()}


def by_route(lab):
    return {(route,): lab.latencies(route) for route in lab.routes}


def latency(lab, route=None):
    return tuple(map(sum, measured(lab.latencies(route))))


def longest(lab):
    return sum(high for _, high in lab.latencies())


def together(spans):
    """Time in which there was any of them."""
    total, until = 0, 0
    for begin, end in sorted(spans):
        total += max(0, end - max(begin, until))
        until = max(until, end)
    return total


def stages(lab):
    """The planted ones: never shorter than planted, never longer than the server's spans, which have the run queue in them. All of
    them together are the requests' time."""
    of = lambda least, *spans: (0.95 * least - 2e-5 * lab.n, 1.05 * sum(map(lab.span, spans)) + 2e-5 * lab.n)  # noqa: E731
    if lab.name == "loop":
        return {("sleep",): of(lab.planted["sleep"] * lab.n, "sleep")}
    if lab.name == "lock":  # the C library's locks are among lock_user, where a holder loses its CPU
        return {("lock_user",): (slept(lab)[0], latency(lab)[1] - lab.least_hold()), ("sleep",): of(lab.least_hold(), "section_hold")}
    return {("downstream",): of(lab.planted["downstream"] * lab.n, "downstream"), ("lock_user",): of(0, "pool_wait"), ("handoff",): of(0, "handoff")}


def only(names):
    return lambda lab: {key: value for key, value in stages(lab).items() if key[0] in names.split("|")} | {EACH: (0, latency(lab)[1])}


def taking_up(lab):
    """Of one loop that sleeps in each request: all but the sleep, and some computing."""
    if lab.name != "loop":
        return only(TAKING_UP)(lab)
    least, most = latency(lab)
    return {SUM: (least - lab.span("sleep") - 3e-4 * lab.n, most - lab.planted["sleep"] * lab.n)}


def buckets(lab):
    low, high = measured(lab.latencies())
    below = lambda some, bound: sum(x <= bound for x in some)  # noqa: E731
    return {(repr(float(bound)),): (below(high, bound) - EARLY * lab.n, below(low, bound) + EARLY * lab.n)
            for bound in BOUNDS} | {("+Inf",): exact(lab.n)}


def count_by(of):
    return lambda lab: {(key,): exact(count) for key, count in of(lab).items()}


def holders(value):
    """By lock and holder: the planted lock's is among them, beside those of threads that wait for work."""
    return lambda lab: {ANY: value(lab)} if lab.name == "lock" else {EACH: (0, 1e9)}


def in_use(lab):
    """Of the lock: the time in which anybody held it or wanted it."""
    return together(lab.spans("section_wait", "section_hold"))


def slept(lab):
    """On the lock. Of those that wait one or two are woken already and want a CPU, while others overtake them."""
    return (0.98 * (lab.span("section_wait") - 2 * in_use(lab)), 1.01 * lab.span("section_wait"))


def sleeps(lab):
    """On the lock: of those that asked well before the one before them let go; each sleep is ended by somebody's letting go."""
    passes = sorted(zip(lab.spans("section_hold", "section_hold"), lab.spans("section_wait", "section_wait")))
    sure = sum(asked + 5e-5 < before for ((_, before), _), (_, (asked, _)) in zip(passes, passes[1:]))
    return (0.9 * sure, lab.n)  # a thread may lose its CPU before it asks


def cpu(some):
    """Seconds, looked at before all was asked and after it; the kernel's ticks are 10 ms."""
    return (0.9 * some[0] - 0.1, 1.1 * some[-1] + 0.1)


def cpu_ceiling(lab):
    least, most = cpu(lab.target_cpu)
    return (lab.cpus * lab.n / most, lab.cpus * lab.n / max(least, 0.01))


def ceiling(lab):
    """Requests/s: one at a time holds the lock, or the loop, for no longer than anybody wants it; times may be 5 % off."""
    if lab.name == "lock":
        return (0.95 * lab.n / in_use(lab), 1.05 * lab.n / lab.span("section_hold"))
    if lab.name == "loop":
        return (0.95 * lab.n / together(lab.spans("rx", "write")), 1.05 * lab.n / together(lab.spans("read", "write")))
    return (lab.n / lab.elapsed, cpu_ceiling(lab)[1])


def ceilings(lab):
    return {ANY: ceiling(lab), ("cpu", ""): cpu_ceiling(lab), EACH: (0, 1e7)}


def lock_share(lab):
    if lab.name == "lock":
        return (slept(lab)[0] / latency(lab)[1], 1)
    return near(lab.span("pool_wait") / longest(lab), 0.1, 0.02)


def drops(lab):
    return (1, lab.listen["ListenDrops"][1]) if lab.name == "down" else exact(0)


def opened(lab):
    return (lab.connects, lab.connects + (lab.burst if lab.name == "down" else 0))


def ratio(top, bottom):
    return lambda lab: {(): near(top(lab) / bottom(lab), 1e-9)}


def one(value):
    return lambda lab: {(): value(lab) if callable(value) else value}


def per_process(value):
    """By instance."""
    return lambda lab: {(lab.instance,): value(lab)}


def planted_only(name, expected):
    """No data where the cause is not planted."""
    return lambda lab: expected(lab) if lab.name == name else None


N = lambda lab: lab.n  # noqa: E731
LOCK = "lock, pid, holder"
TRUTH = {
    # Requests.
    f"sum({DURATION}_count)": one(lambda lab: exact(lab.n)),
    f"sum by (http_response_status_code) ({DURATION}_count)": count_by(lambda lab: lab.statuses),
    f"sum by (http_route) ({DURATION}_count)": count_by(lambda lab: lab.routes),
    f"sum by (http_route) ({DURATION}_sum)": lambda lab: {(route,): latency(lab, route) for route in lab.routes},
    f"sum by (http_route) ({DURATION}_sum) / sum by (http_route) ({DURATION}_count)":
        lambda lab: {(route,): tuple(x / n for x in latency(lab, route)) for route, n in lab.routes.items()},
    f"sum by (le) ({DURATION}_bucket)": buckets,
    **{f"histogram_quantile({q}, sum by (le) ({DURATION}_bucket))": quantiles(q, whole) for q in (0.5, 0.9, 0.99)},
    f"histogram_quantile(0.99, sum by (le, http_route) ({DURATION}_bucket))": quantiles(0.99, by_route),
    "sum by (framing, outcome) (plateau_requests_total)": lambda lab: {SUM: exact(lab.n), ("exact", "answered"): exact(lab.n)},
    # Budgets.
    f"sum by (stage) ({STAGE}) > 0": lambda lab: stages(lab) | {SUM: latency(lab)},
    f"sum by (stage) ({STAGE}) / scalar(sum({DURATION}_count)) > 0":
        lambda lab: {key: tuple(x / lab.n for x in some) for key, some in (stages(lab) | {SUM: latency(lab)}).items()},
    f"topk(10, sum by (http_route, stage) ({STAGE}))": lambda lab: {SUM: (0.6 * latency(lab)[0], latency(lab)[1])},
    f'sum by (stage) ({STAGE}{{stage=~"{TAKING_UP}"}})': taking_up,
    f'sum({STAGE}{{stage="busy_loop"}}) / sum({STAGE})':
        one(lambda lab: near(1 - lab.span("sleep") / longest(lab), 0, 0.15) if lab.name == "loop" else (0, 0.2)),
    f'sum by (stage) ({STAGE}{{stage=~"lock_user|lock_socket|lock_kernel"}})': only("lock_user"),
    f'sum by (stage) ({STAGE}{{stage=~"copy_in|copy_out|tcp_send|send_wait"}})':
        lambda lab: {("send_wait",): (0.95 * lab.blocked_sends()[0] - 0.05, 1.05 * lab.blocked_sends()[1] + 2e-5 * lab.n),
                     EACH: (0, latency(lab)[1])},
    # Locks.
    "sum by (lock, holder) (plateau_lock_wait_seconds_total)": holders(slept),
    f"sum by ({LOCK}) (plateau_lock_request_wait_seconds_total)": holders(slept),
    f"sum by ({LOCK}) (plateau_lock_waits_total)": holders(sleeps),
    f"sum by ({LOCK}) (plateau_lock_handovers_total)": holders(sleeps),
    f"sum by ({LOCK}) (plateau_lock_wait_seconds_total) / sum by ({LOCK}) (plateau_lock_waits_total)":
        lambda lab: {ANY: (slept(lab)[0] / sleeps(lab)[1], slept(lab)[1] / sleeps(lab)[0])} if lab.name == "lock" else {EACH: (0, 10)},
    "max(plateau:lock_share:ratio)": one(lock_share),
    # Ceilings, since the attach.
    "min(plateau_ceiling_requests_per_second)": one(ceiling),
    "min by (resource, holder) (plateau_ceiling_requests_per_second)": ceilings,
    "plateau_ceiling_utilisation_ratio": lambda lab: {EACH: (0, 1)},
    "topk(1, plateau_ceiling_utilisation_ratio)": lambda lab: {EACH: (0, 1)},
    "max(plateau:throughput_to_ceiling:ratio)": one(lambda lab: tuple(lab.n / x for x in reversed(ceiling(lab)))),
    # Loops.
    "histogram_quantile(0.5, sum by (thread, le) (plateau_event_loop_wait_seconds_bucket))": lambda lab: {EACH: (0, 60)},
    "histogram_quantile(0.99, sum by (thread, le) (plateau_event_loop_wait_seconds_bucket))": lambda lab: {EACH: (0, 60)},
    "sum by (thread, state) (plateau_event_loop_seconds_total) / on (thread) group_left sum by (thread) (plateau_event_loop_seconds_total)":
        lambda lab: {EACH: (0, 1), "whole": exact(1)},
    # Bytes.
    "sum by (path) (plateau_sent_bytes_total)": lambda lab: {("copy",): exact(lab.bytes_out)},
    'sum(plateau_sent_bytes_total{path="copy"}) / sum(plateau_sent_bytes_total)': one(exact(1)),
    f"sum(plateau_request_bytes_total) / sum({DURATION}_count)": ratio(lambda lab: lab.bytes_in, N),
    f"sum(plateau_response_bytes_total) / sum({DURATION}_count)": ratio(lambda lab: lab.bytes_out, N),
    f"sum(plateau_response_calls_total) / sum({DURATION}_count)": one(lambda lab: (1, 2) if lab.name == "down" else exact(1)),
    # TCP.
    "max by (address) (plateau_accept_queue_length)": lambda lab: {(lab.address,): exact(0)},
    "max by (address) (plateau_accept_queue_longest)":
        lambda lab: {(lab.address,): exact(lab.backlog + 1) if lab.name == "down" else (0, 40)},
    "max by (address) (plateau_accept_queue_limit)": lambda lab: {(lab.address,): exact(lab.backlog)},
    "sum by (address) (plateau_accept_queue_drops_total)": lambda lab: {(lab.address,): drops(lab)},
    "sum by (event) (plateau_listen_events_total)": lambda lab: {("overflow",): lab.listen["ListenOverflows"], ("drop",): lab.listen["ListenDrops"],
                                                                 ("request_drop",): (0, 1e9), ("cookie",): (0, 1e9)},
    "sum(plateau_connections_opened_total)": one(opened),
    "sum(plateau_connections_closed_total)": one(opened),
    "sum(plateau_retransmits_total)": one(lambda lab: (0, lab.retransmits)),
    "sum(plateau_retransmitted_bytes_total)": one(lambda lab: (0, lab.retransmits * 65536)),
    "sum(plateau_send_busy_seconds_total)": one(lambda lab: (0.2 * lab.slow_s, lab.elapsed * 40)),
    "sum by (by) (plateau_send_limited_seconds_total)":
        lambda lab: {("receiver_window",): near(lab.slow_s, 0.15, 0.1), ("send_buffer",): (0, lab.elapsed)},
    "avg by (instance) (plateau_send_round_trip_seconds)": per_process(lambda lab: (1e-6, 0.2)),  # the kernel acknowledges after 200 ms at most
    # Other servers.
    "sum by (peer) (plateau_downstream_calls_total)": planted_only("down", lambda lab: {SUM: exact(lab.n)}),
    "sum by (peer) (plateau_downstream_answer_seconds_total) / sum by (peer) (plateau_downstream_answers_total)":
        planted_only("down", lambda lab: {ANY: near(lab.span("downstream") / lab.n, 0.1)}),
    "1 - sum by (peer) (plateau_downstream_answers_total) / sum by (peer) (plateau_downstream_calls_total)":
        planted_only("down", lambda lab: {EACH: exact(0)}),
    # Target and Plateau itself.
    "sum by (instance) (plateau_target_cpu_seconds_total)": per_process(lambda lab: cpu(lab.target_cpu)),
    "sum(plateau_target_threads)": one(lambda lab: exact(lab.threads)),
    "sum(plateau_target_processes)": one(lambda lab: exact(lab.processes)),
    "min(plateau_target_up)": one(exact(1)),
    'min(plateau_coverage_ratio{kind="requests"})': one(exact(1)),
    'min(plateau_coverage_ratio{kind="bytes"})': one((0.999, 1)),
    "1000 * plateau_attach_start_time_seconds * on (instance) group_left (target, runtime, listening) plateau_target_info":
        lambda lab: {EACH: near(1000 * lab.attached_at, 0, 3000)},
    "sum by (cause) (plateau_lost_total)": lambda lab: {("probe_missed",): (0, lab.skipped_runs), EACH: exact(0)},
    "sum by (instance) (plateau_agent_cpu_seconds_total)": per_process(lambda lab: cpu(lab.agent_cpu)),
    "sum by (instance) (plateau_agent_resident_memory_bytes)": per_process(lambda lab: (0.5 * lab.agent_rss, 1.1 * lab.agent_rss)),
    "max by (kind) (plateau_probe_cost_ratio)": lambda lab: {("bound",): exact(0), EACH: (0, 1)},
    "sum by (instance) (plateau_paused_seconds_total)": per_process(exact_zero := lambda lab: exact(0)),
    "sum(plateau_web_requests_total)": one(lambda lab: (lab.scrapes[0] - 2, lab.scrapes[-1] + 2)),
    "sum(plateau_web_requests_denied_total)": one(exact_zero),
    "sum(plateau_web_connections_evicted_total)": one(exact_zero),
    "sum(plateau_scrape_timeouts_total)": one(lambda lab: near(lab.all_timeouts, 0, min(1, lab.all_timeouts))),
    "max by (signal, provider) (plateau_provider_info)": lambda lab: {key: exact(1) for key in lab.providers},
    "sum by (signal) (plateau_otlp_sent_total)": planted_only("down", lambda lab: {("traces",): (2 * lab.n, 20 * lab.n), ("metrics",): (1, 1e9)}),
    "sum by (signal, cause) (plateau_otlp_dropped_total)": planted_only("down", lambda lab: {EACH: exact(0)}),
    "sum by (signal) (plateau_otlp_retries_total)": planted_only("down", lambda lab: {EACH: exact(0)}),
    "sum by (instance) (plateau_otlp_queue_bytes)": planted_only("down", per_process(lambda lab: (0, 4 << 20))),
    # Recorded series.
    "plateau:requests:rate2m": lambda lab: {EACH: exact(lab.n)},
    "plateau:latency_seconds:p99_2m": lambda lab: {EACH: quantiles(0.99, whole)(lab)[()]},
    "plateau:stage:concurrency2m": lambda lab: {SUM: latency(lab)},
    "plateau:throughput_to_ceiling:ratio": lambda lab: {EACH: tuple(lab.n / x for x in reversed(ceiling(lab)))},
    "plateau:lock_share:ratio": lambda lab: {EACH: lock_share(lab)},
    "plateau:coverage:ratio": lambda lab: {EACH: (0.999, 1)},
    "plateau:losses:rate2m": lambda lab: {(lab.instance, "probe_missed"): (0, lab.skipped_runs), EACH: exact(0)},
    "plateau:probe_cost:ratio": lambda lab: {EACH: (1e-7 * lab.n, 2e-4 * lab.n)},  # 0.1 to 200 us a request
    "plateau:agent_cpu:rate2m": lambda lab: {EACH: cpu(lab.agent_cpu)},
    "plateau:target_up:min": lambda lab: {EACH: exact(1)},
    "plateau:accept_drops:rate2m": lambda lab: {EACH: drops(lab)},
    "plateau:scrape_timeouts:rate2m": lambda lab: {EACH: near(lab.all_timeouts, 0, min(1, lab.all_timeouts))},
    "plateau:otlp_drops:rate2m": planted_only("down", lambda lab: {EACH: exact(0)}),
}
