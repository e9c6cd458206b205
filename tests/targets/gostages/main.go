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
//
// -spin N runs N goroutines that compute without end.
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
)

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
	procs := flag.Int("procs", 0, "threads that run Go code at a time; 0: one for each CPU")
	flag.StringVar(&upstream, "upstream", "", "address of another of these, which /down asks")
	flag.Parse()
	runtime.GOMAXPROCS(*procs)
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
