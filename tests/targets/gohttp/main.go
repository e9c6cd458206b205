// A net/http server on a free port of loopback. It answers a path with the path or, given a size, every
// request with a body of that many bytes and its length.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

func answerPath(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, r.URL.Path)
}

func answerBody(body []byte) http.HandlerFunc {
	length := strconv.Itoa(len(body))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", length)
		w.Write(body)
	}
}

func main() {
	size := flag.Int("size", 0, "bytes of every answer's body; 0: the path")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	handler := http.HandlerFunc(answerPath)
	if *size > 0 {
		handler = answerBody(bytes.Repeat([]byte{'x'}, *size))
	}
	log.Fatal(http.Serve(listener, handler))
}
