"""The panels: what Plateau's metrics show, one function a question."""

from model import colour_overrides, heatmap, lines, query, stacked_bars, stages, stat, table

HERE = 'instance=~"$instance"'
ROUTE = HERE + ',http_route=~"$route"'
DURATION = "http_server_request_duration_seconds"
STAGE = "plateau_request_stage_seconds_total"
RATE = "[$__rate_interval]"
SHARE = ((None, "green"), (0.7, "orange"), (0.9, "red"))
GOOD_SHARE = ((None, "red"), (0.95, "orange"), (0.99, "green"))
BAD_IF_ANY = ((None, "green"), (1e-9, "red"))


def rate(metric, where=HERE):
    return f"rate({metric}{{{where}}}{RATE})"


def per(metric, labels, where=HERE):
    return f"sum by ({labels}) ({rate(metric, where)})"


def quantile(q, where, by="le"):
    return f"histogram_quantile({q}, sum by ({by}) ({rate(DURATION + '_bucket', where)}))"


def latencies(where):
    return [query(quantile(q, where), name) for q, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"))]


# The verdict.

def throughput_stat():
    return stat("Throughput", "Requests answered per second.", f"sum({rate(DURATION + '_count')})", "reqps")


def p99_stat():
    return stat("p99", "99th percentile of latency inside the server.", quantile(0.99, HERE), "s")


def verdict_stat():
    return stat("Binding resource", "The resource that limits throughput first, and the code that holds it: how much "
                "of the time it was in use since the attach.",
                f"topk(1, plateau_ceiling_utilisation_ratio{{{HERE}}})", "percentunit", SHARE,
                "{{resource}} {{holder}}", "value_and_name", width=8, limits=(0, 1))


def ceiling_stat():
    return stat("Ceiling", "The highest throughput that the binding resource allows.",
                f"min(plateau_ceiling_requests_per_second{{{HERE}}})", "reqps")


def near_ceiling_stat():
    return stat("Share of the ceiling", "Throughput now as a share of the ceiling.",
                f"max(plateau:throughput_to_ceiling:ratio{{{HERE}}})", "percentunit", SHARE, limits=(0, 1))


def ceiling_lines():
    return lines("Throughput and ceilings", "Requests per second beside what each resource would allow at most.",
                 [query(f"sum({rate(DURATION + '_count')})", "throughput"),
                  query(f"min by (resource, holder) (plateau_ceiling_requests_per_second{{{HERE}}})",
                        "ceiling: {{resource}} {{holder}}")], "reqps")


def latency_lines(where=HERE):
    return lines("Latency", "Percentiles of the time from first byte ready to last byte accepted by the kernel.",
                 latencies(where), "s")


def latency_heatmap(where=HERE):
    return heatmap("Latency heatmap", "How many requests took how long. Points are exemplars: requests whose trace is "
                   "known (plateau attach --exemplars).", f"sum by (le) ({rate(DURATION + '_bucket', where)})",
                   width=24)


def status_lines():
    return lines("Answers by status", "Requests per second by status code.",
                 [query(per(DURATION + "_count", "http_response_status_code"), "{{http_response_status_code}}")],
                 "reqps")


# Budgets.

def stage_bars(where=HERE):
    return stacked_bars("Where the time goes", "Requests inside the server on average, by the stage that they are in: "
                        "seconds of requests per second.",
                        [query(per(STAGE, "stage", where) + " > 0", "{{stage}}")], "none", width=24, height=10,
                        overrides=colour_overrides(stages()))


def budget_bars(where=ROUTE):
    return stacked_bars("Budget of a request", "Mean time of a request by stage; the stages add up to its latency.",
                        [query(f"{per(STAGE, 'stage', where)} / scalar(sum({rate(DURATION + '_count', where)})) > 0",
                               "{{stage}}")], "s", width=24, height=10, overrides=colour_overrides(stages()))


def route_table():
    mean = f"{per(DURATION + '_sum', 'http_route', ROUTE)} / {per(DURATION + '_count', 'http_route', ROUTE)}"
    return table("Routes", "Each route's share of the time that all requests spend in the server, its throughput and "
                 "its latency.",
                 {"Requests inside": per(DURATION + "_sum", "http_route", ROUTE),
                  "Requests/s": per(DURATION + "_count", "http_route", ROUTE),
                  "Mean (s)": mean,
                  "p99 (s)": quantile(0.99, ROUTE, "le, http_route")},
                 rename={"http_route": "Route"}, width=24, height=9, decimals=4)


def stage_by_route():
    return lines("Largest stages by route", "The ten largest stages of routes: requests inside on average.",
                 [query(f"topk(10, {per(STAGE, 'http_route, stage', ROUTE)})", "{{http_route}} {{stage}}")], "none",
                 width=24)


# Event loops.

def loop_stages():
    where = HERE + ',stage=~"accept_wait|wakeup|busy_loop|runqueue|handoff"'
    names = {name: colour for name, colour in stages().items()
             if name in ("accept_wait", "wakeup", "busy_loop", "runqueue", "handoff")}
    return stacked_bars("Waiting to be taken up", "Requests that are readable and not served yet: not accepted "
                        "(accept_wait), their thread asleep (wakeup), busy with others (busy_loop), without a CPU "
                        "(runqueue), or between threads (handoff).",
                        [query(per(STAGE, "stage", where), "{{stage}}")], "none", width=24,
                        overrides=colour_overrides(names))


def utilisation_lines():
    return lines("Utilisation of resources", "Share of the time since the attach in which a resource was in use: a "
                 "loop is a thread that serves several connections.",
                 [query(f"plateau_ceiling_utilisation_ratio{{{HERE}}}", "{{resource}} {{holder}}")], "percentunit",
                 steps=SHARE, limits=(0, 1))


def busy_loop_share():
    return lines("Share of latency behind other requests", "How much of the requests' time is waiting for a thread "
                 "that works for others.",
                 [query(f"sum({rate(STAGE, HERE + ',stage=%sbusy_loop%s' % (chr(34), chr(34)))}) / sum({rate(STAGE)})",
                        "busy_loop")], "percentunit", limits=(0, 1))


def target_cpu():
    return lines("CPU of the target", "CPUs that the target's processes use.",
                 [query(f"sum by (instance) ({rate('plateau_target_cpu_seconds_total')})", "{{instance}}")], "none")


def target_threads():
    return lines("Threads and processes", "Of the target.",
                 [query(f"sum(plateau_target_threads{{{HERE}}})", "threads"),
                  query(f"sum(plateau_target_processes{{{HERE}}})", "processes")])


def loop_time():
    return lines("What the loops do", "Share of the time of threads that wait for events.",
                 [query(f"sum by (thread, state) ({rate('plateau_event_loop_seconds_total')}) / on (thread) group_left "
                        f"sum by (thread) ({rate('plateau_event_loop_seconds_total')})", "{{thread}} {{state}}")],
                 "percentunit")


def loop_waits():
    return lines("How long a wait lasts", "Sleeps of threads that wait for events, at the median and at p99.",
                 [query(f"histogram_quantile({p}, sum by (thread, le) "
                        f"({rate('plateau_event_loop_wait_seconds_bucket')}))", "{{thread}} " + name)
                  for p, name in ((0.5, "p50"), (0.99, "p99"))], "s")


# Locks.

def lock_waiters():
    return lines("Threads that wait for a lock", "On average, by lock and by the function that mostly holds it.",
                 [query(per("plateau_lock_wait_seconds_total", "lock, holder"), "{{lock}} {{holder}}")], "none",
                 width=24)


def lock_table():
    lock = "lock, pid, holder"
    return table("Locks", "Those that requests waited for most.",
                 {"Requests waiting": per("plateau_lock_request_wait_seconds_total", lock),
                  "Waits/s": per("plateau_lock_waits_total", lock),
                  "Hand-overs/s": per("plateau_lock_handovers_total", lock),
                  "Mean wait (s)": f"{per('plateau_lock_wait_seconds_total', lock)} / "
                                   f"{per('plateau_lock_waits_total', lock)}"},
                 rename={"lock": "Lock", "pid": "PID", "holder": "Held by"}, width=24, height=9, decimals=4)


def lock_stages():
    where = HERE + ',stage=~"lock_user|lock_socket|lock_kernel"'
    names = {name: colour for name, colour in stages().items() if name.startswith("lock_")}
    return stacked_bars("Requests that wait for locks", "By the kind of lock.",
                        [query(per(STAGE, "stage", where), "{{stage}}")], "none", overrides=colour_overrides(names))


def lock_share():
    return lines("Share of latency in locks", "Of all requests' time.",
                 [query(f"max(plateau:lock_share:ratio{{{HERE}}})", "locks")], "percentunit", steps=SHARE,
                 limits=(0, 1))


# Copies and data paths.

def sent_by_path():
    return stacked_bars("Bytes sent by data path", "How responses left the target's memory.",
                        [query(per("plateau_sent_bytes_total", "path"), "{{path}}")], "Bps")


def copied_share():
    return lines("Share of bytes that are copied", "Of the bytes that were sent.",
                 [query(f"sum({rate('plateau_sent_bytes_total', HERE + ',path=%scopy%s' % (chr(34), chr(34)))}) / "
                        f"sum({rate('plateau_sent_bytes_total')})", "copy")], "percentunit", limits=(0, 1))


def copy_stages():
    where = HERE + ',stage=~"copy_in|copy_out|tcp_send|send_wait"'
    names = {name: colour for name, colour in stages().items()
             if name in ("copy_in", "copy_out", "tcp_send", "send_wait")}
    return stacked_bars("Time in copying and sending", "Requests in these stages on average; copies are told apart from "
                        "cpu with plateau attach --detail high.",
                        [query(per(STAGE, "stage", where), "{{stage}}")], "none", overrides=colour_overrides(names))


def calls_per_response():
    return lines("System calls a response", "Calls that send, for each request.",
                 [query(f"sum({rate('plateau_response_calls_total')}) / sum({rate(DURATION + '_count')})", "calls")],
                 "none")


def bytes_per_request():
    return lines("Bytes a request", "Received and sent, heads included.",
                 [query(f"sum({rate('plateau_request_bytes_total')}) / sum({rate(DURATION + '_count')})", "in"),
                  query(f"sum({rate('plateau_response_bytes_total')}) / sum({rate(DURATION + '_count')})", "out")],
                 "bytes")


# TCP.

def accept_queue():
    return lines("Accept queue", "Connections that wait to be accepted, and how many may.",
                 [query(f"max by (address) (plateau_accept_queue_length{{{HERE}}})", "{{address}} waiting"),
                  query(f"max by (address) (plateau_accept_queue_longest{{{HERE}}})", "{{address}} longest"),
                  query(f"max by (address) (plateau_accept_queue_limit{{{HERE}}})", "{{address}} limit")])


def accept_drops():
    return lines("Dropped attempts to connect", "On the target's sockets, and what the whole network namespace counted.",
                 [query(per("plateau_accept_queue_drops_total", "address"), "{{address}}"),
                  query(per("plateau_listen_events_total", "event"), "{{event}}")], "ops")


def connections():
    return lines("Connections", "Opened and closed per second.",
                 [query(f"sum({rate('plateau_connections_opened_total')})", "opened"),
                  query(f"sum({rate('plateau_connections_closed_total')})", "closed")], "ops")


def retransmits():
    return lines("Sent again", "Segments during requests, and bytes of all connections.",
                 [query(f"sum({rate('plateau_retransmits_total')})", "segments/s"),
                  query(f"sum({rate('plateau_retransmitted_bytes_total')})", "bytes/s")])


def send_limits():
    return lines("What limits sending", "Connections with something unacknowledged on average, and how many of them wait "
                 "for the receiver's window or for room in the send buffer.",
                 [query(f"sum({rate('plateau_send_busy_seconds_total')})", "busy"),
                  query(per("plateau_send_limited_seconds_total", "by"), "{{by}}")], "none")


def round_trip():
    return lines("Round trip", "Mean of connections that sent since the attach.",
                 [query(f"avg by (instance) (plateau_send_round_trip_seconds{{{HERE}}})", "{{instance}}")], "s")


# Other servers.

def peer_calls():
    return lines("Servers that it asks", "Calls per second to other servers, by their address: runs of sends on connections "
                 "that the target opened.",
                 [query(per("plateau_downstream_calls_total", "peer"), "{{peer}}")], "ops")


def peer_times():
    answers = per("plateau_downstream_answers_total", "peer")
    return lines("How long their answers take", "Mean time from a call's last send to the first receive of its answer.",
                 [query(f"{per('plateau_downstream_answer_seconds_total', 'peer')} / {answers}", "{{peer}}")], "s")


def peer_silence():
    return lines("Calls without an answer", "As a share of all calls; those under way count until their answer comes.",
                 [query(f"1 - {per('plateau_downstream_answers_total', 'peer')} / "
                        f"{per('plateau_downstream_calls_total', 'peer')}", "{{peer}}")], "percentunit",
                 steps=((None, "green"), (0.01, "orange"), (0.1, "red")), limits=(0, 1))


# Plateau itself.

def coverage_stat(kind):
    return stat(f"Coverage: {kind}", f"Share of the target's {kind} that are explained, since the attach.",
                f'min(plateau_coverage_ratio{{{HERE},kind="{kind}"}})', "percentunit", GOOD_SHARE, width=6,
                limits=(0, 1))


def target_stat():
    return stat("Target", "Whether the processes that were asked for run.",
                f"min(plateau_target_up{{{HERE}}})", "bool_on_off", ((None, "red"), (1, "green")), width=6)


def version_table():
    return table("Attached", "What looks at what.",
                 {"Since": f"1000 * plateau_attach_start_time_seconds{{{HERE}}} * on (instance) group_left "
                           f"(target, runtime, listening) plateau_target_info"},
                 unit="dateTimeAsIso", width=24, height=5)


def losses():
    return lines("Losses by cause", "What was lost on the way or could not be followed, per second.",
                 [query(per("plateau_lost_total", "cause"), "{{cause}}")], "ops", steps=BAD_IF_ANY)


def agent_cpu():
    return lines("CPU of Plateau", "CPUs that the agent uses.",
                 [query(f"sum by (instance) ({rate('plateau_agent_cpu_seconds_total')})", "{{instance}}")],
                 "percentunit")


def agent_memory():
    return lines("Memory of Plateau", "Resident memory of the agent.",
                 [query(f"sum by (instance) (plateau_agent_resident_memory_bytes{{{HERE}}})", "{{instance}}")], "bytes")


def probe_cost():
    return lines("Cost of the probes", "As a share of the target's CPU time: what looking at every request would cost, "
                 "and the bound.",
                 [query(f"max by (kind) (plateau_probe_cost_ratio{{{HERE}}})", "{{kind}}")], "percentunit")


def paused():
    return lines("Not looked at", "Share of the time in which requests are not looked at, to keep to the bound.",
                 [query(f"sum by (instance) ({rate('plateau_paused_seconds_total')})", "{{instance}}")], "percentunit",
                 limits=(0, 1))


def scrapes():
    return lines("Plateau's own web server", "Requests to it, of those without the right password, connections closed to "
                 "make room, and scrapes that got no figures in time.",
                 [query(f"sum({rate('plateau_web_requests_total')})", "requests"),
                  query(f"sum({rate('plateau_web_requests_denied_total')})", "denied"),
                  query(f"sum({rate('plateau_web_connections_evicted_total')})", "evicted"),
                  query(f"sum({rate('plateau_scrape_timeouts_total')})", "timed out")], "ops")


def otlp():
    return lines("Export over OTLP", "Spans (traces) and data points (metrics) that the receiver took, that were dropped, and "
                 "messages sent again; with plateau attach --otlp-endpoint.",
                 [query(per("plateau_otlp_sent_total", "signal"), "{{signal}} sent"),
                  query(per("plateau_otlp_dropped_total", "signal, cause"), "{{signal}} dropped: {{cause}}"),
                  query(per("plateau_otlp_retries_total", "signal"), "{{signal}} sent again")], "ops")


def otlp_queue():
    return lines("Spans that wait for OTLP", "Memory of requests whose spans wait to be exported; beyond 4 MiB they are "
                 "dropped.", [query(f"sum by (instance) (plateau_otlp_queue_bytes{{{HERE}}})", "{{instance}}")], "bytes")


def providers():
    return table("Providers", "The way in which the kernel gives each signal.",
                 {"In use": f"max by (signal, provider) (plateau_provider_info{{{HERE}}})"}, width=12)


def framing():
    return lines("How requests are known", "By framing and by how they ended.",
                 [query(per("plateau_requests_total", "framing, outcome"), "{{framing}} {{outcome}}")], "reqps")
