// A net/http server with an access log: goserver PORT FOLDER. Small texts under /t/, FOLDER's words under /big/
// and, in chunks, under /c/; it takes what is posted to /e/. The log, on standard output, has a line a request:
// "log", peer, request line, status, bytes of the body.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
)

type counted struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(piece []byte) (int, error) {
	n, err := c.ResponseWriter.Write(piece)
	c.bytes += int64(n)
	return n, err
}

// So that files go out by sendfile.
func (c *counted) ReadFrom(source io.Reader) (int64, error) {
	n, err := c.ResponseWriter.(io.ReaderFrom).ReadFrom(source)
	c.bytes += n
	return n, err
}

func answer(w http.ResponseWriter, r *http.Request) {
	words := os.Args[2] + "/words.txt"
	switch strings.SplitN(r.URL.Path, "/", 3)[1] {
	case "t":
		io.WriteString(w, "A small text.\n")
	case "big":
		http.ServeFile(w, r, words)
	case "c":
		text, _ := os.ReadFile(words)
		for len(text) > 0 {
			n := min(len(text), 10000)
			w.Write(text[:n])
			w.(*counted).ResponseWriter.(http.Flusher).Flush()
			text = text[n:]
		}
	case "e":
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "thanks\n")
	default:
		http.NotFound(w, r)
	}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func main() {
	var writing sync.Mutex
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &counted{w, 200, 0}
		answer(c, r)
		if r.Method == "HEAD" {
			c.bytes = 0
		}
		writing.Lock()
		fmt.Printf("log\t%s\t%s %s %s\t%d\t%d\n", r.RemoteAddr, r.Method, r.RequestURI, r.Proto, c.status, c.bytes)
		writing.Unlock()
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], handler))
}
