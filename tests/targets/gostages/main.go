// A net/http server whose handlers each plant one cause of waiting, and say what they did. It listens on a free
// port of loopback; -truth writes one JSON object for each request, with times of the monotonic clock that
// plateau's records have too.
//
//	/cpu?us=N     computes for N microseconds of the clock
//	/sleep?us=N   sleeps
//	/chan?us=N    hands the work to another goroutine, which sleeps and answers through a channel
//	/mutex?us=N   holds a mutex that all such requests share while it sleeps
//	/select?us=N  selects between a timer and what never comes
//	/pipe?us=N    reads from a pipe that another goroutine writes to after a sleep
//	/lock?us=N    takes a mutex that another goroutine holds while it sleeps
//	/down?us=N    asks the server at -upstream, another of these, to sleep
//	/stream?us=N  flushes a first part, sleeps, and sends the rest
//	/gc           runs the garbage collector once
//	/garbage?us=N allocates for N microseconds of the clock
//	/stats        says on stderr how often the collector has stopped the world, and how long in all
//
// -live N keeps N objects that the collector has to mark, -gogc N is GOGC. -spin N runs N goroutines that compute without end.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

type truth struct {
	Peer  string `json:"peer"`
	Path  string `json:"path"`
	Goid  uint64 `json:"goid"`
	Begin uint64 `json:"begin_ns"` // the handler's
	From  uint64 `json:"from_ns"`  // what was planted
	To    uint64 `json:"to_ns"`
	End   uint64 `json:"end_ns"`
}

var (
	section  sync.Mutex
	logLock  sync.Mutex
	logFile  *bufio.Writer
	jobs     = make(chan job)
	never    = make(chan struct{})
	upstream string
	callers  = sync.Pool{}
	spun     uint64
	kept     []*node
)

// What the collector has to follow.
type node struct {
	next *node
	body [48]byte
}

type job struct {
	length time.Duration
	done   chan struct{}
}

func monotonic() uint64 {
	var ts syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&ts)), 0)
	return uint64(ts.Nano())
}

func goid() uint64 {
	var stack [64]byte
	text := string(stack[:runtime.Stack(stack[:], false)])
	id, _ := strconv.ParseUint(strings.Fields(text)[1], 10, 64)
	return id
}

func spin(length time.Duration) {
	for start := time.Now(); time.Since(start) < length; {
	}
}

func work() {
	for j := range jobs {
		go func(j job) {
			time.Sleep(j.length)
			j.done <- struct{}{}
		}(j)
	}
}

// One call on a connection of the caller's own: the goroutine itself writes and reads.
func call(length time.Duration) {
	c, _ := callers.Get().(net.Conn)
	if c == nil {
		var err error
		if c, err = net.Dial("tcp", upstream); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Fprintf(c, "GET /sleep?us=%d HTTP/1.1\r\nHost: helper\r\n\r\n", length.Microseconds())
	answer := make([]byte, 512)
	if n, err := c.Read(answer); err != nil || !bytes.HasSuffix(answer[:n], []byte("/sleep")) {
		log.Fatalf("the helper answered %q: %v", answer[:n], err)
	}
	callers.Put(c)
}

func pipe(length time.Duration) {
	r, w, err := os.Pipe()
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		time.Sleep(length)
		w.Write([]byte("x"))
		w.Close()
	}()
	io.ReadAll(r)
	r.Close()
}

func garbage(length time.Duration) {
	var ring [64][]*node
	for start, i := time.Now(), 0; time.Since(start) < length; i++ {
		ring[i%len(ring)] = make([]*node, 256)
		for k := range ring[i%len(ring)] {
			ring[i%len(ring)][k] = &node{}
		}
	}
}

// Reading the metric stops nothing; MemStats does, but not for the collector.
func stats() string {
	sample := []metrics.Sample{{Name: "/gc/pauses:seconds"}}
	metrics.Read(sample)
	var pauses uint64
	for _, n := range sample[0].Value.Float64Histogram().Counts {
		pauses += n
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return fmt.Sprintf(`{"pauses":%d,"pause_ns":%d,"cycles":%d}`, pauses, memory.PauseTotalNs, memory.NumGC)
}

func plant(path string, length time.Duration, w http.ResponseWriter) (from, to uint64) {
	from = monotonic()
	switch path {
	case "/cpu":
		spin(length)
	case "/sleep":
		time.Sleep(length)
	case "/chan":
		j := job{length, make(chan struct{})}
		jobs <- j
		<-j.done
	case "/mutex":
		section.Lock()
		time.Sleep(length)
		section.Unlock()
	case "/lock":
		var gate sync.Mutex
		gate.Lock()
		go func() {
			time.Sleep(length)
			gate.Unlock()
		}()
		gate.Lock()
	case "/select":
		select {
		case <-time.After(length):
		case <-never:
		}
	case "/pipe":
		pipe(length)
	case "/down":
		call(length)
	case "/gc":
		runtime.GC()
	case "/garbage":
		garbage(length)
	case "/stream":
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		time.Sleep(length)
	}
	return from, monotonic()
}

func serve(w http.ResponseWriter, r *http.Request) {
	t := truth{Peer: r.RemoteAddr, Path: r.URL.RequestURI(), Goid: goid(), Begin: monotonic()}
	us, _ := strconv.Atoi(r.URL.Query().Get("us"))
	t.From, t.To = plant(r.URL.Path, time.Duration(us)*time.Microsecond, w)
	w.Header().Set("Content-Type", "text/plain")
	if r.URL.Path == "/stats" {
		fmt.Fprintln(os.Stderr, "stats", stats())
	}
	io.WriteString(w, r.URL.Path)
	t.End = monotonic()
	if logFile != nil {
		logLock.Lock()
		json.NewEncoder(logFile).Encode(t)
		logLock.Unlock()
	}
}

func main() {
	file := flag.String("truth", "", "file that gets one JSON object for each request")
	spinners := flag.Int("spin", 0, "goroutines that compute without end")
	percent := flag.Int("gogc", 100, "garbage for each byte in use that the collector waits for; -1: it does not run by itself")
	live := flag.Int("live", 0, "objects that are kept")
	procs := flag.Int("procs", 0, "threads that run Go code at a time; 0: one for each CPU")
	flag.StringVar(&upstream, "upstream", "", "address of another of these, which /down asks")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)
	debug.SetGCPercent(*percent)
	if *file != "" {
		f, err := os.Create(*file)
		if err != nil {
			log.Fatal(err)
		}
		logFile = bufio.NewWriter(f)
		go func() {
			for range time.Tick(50 * time.Millisecond) {
				logLock.Lock()
				logFile.Flush()
				logLock.Unlock()
			}
		}()
	}
	for i := 0; i < *live; i++ {
		kept = append(kept, &node{})
	}
	go work()
	for i := 0; i < *spinners; i++ {
		go func() {
			for {
				spun++
			}
		}()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(serve)))
}
