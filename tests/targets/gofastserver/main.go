// The same as goserver by fasthttp: gofastserver PORT FOLDER. A line is logged before its answer is sent.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"
)

func chunks(ctx *fasthttp.RequestCtx, text []byte) {
	ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
		for len(text) > 0 {
			n := len(text)
			if n > 10000 {
				n = 10000
			}
			w.Write(text[:n])
			w.Flush()
			text = text[n:]
		}
	})
}

func main() {
	words, err := os.ReadFile(os.Args[2] + "/words.txt")
	if err != nil {
		log.Fatal(err)
	}
	var writing sync.Mutex
	handler := func(ctx *fasthttp.RequestCtx) {
		bytes, uri := 0, string(ctx.RequestURI())
		switch strings.SplitN(string(ctx.Path()), "/", 3)[1] {
		case "t":
			ctx.SetBodyString("A small text.\n")
			bytes = len(ctx.Response.Body())
		case "big":
			fasthttp.ServeFile(ctx, os.Args[2]+"/words.txt")
			bytes = len(words)
			if ctx.Response.StatusCode() != 200 {
				bytes = 0
			}
		case "c":
			chunks(ctx, words)
			bytes = len(words)
		case "e":
			ctx.SetBodyString("thanks\n")
			bytes = len(ctx.Response.Body())
		default:
			ctx.Error("no such thing", 404)
			bytes = len(ctx.Response.Body())
		}
		if ctx.IsHead() {
			bytes = 0
		}
		writing.Lock()
		fmt.Printf("log\t%s\t%s %s HTTP/1.1\t%d\t%d\n", ctx.RemoteAddr(), ctx.Method(), uri,
			ctx.Response.StatusCode(), bytes)
		writing.Unlock()
	}
	server := fasthttp.Server{Handler: handler, ReadBufferSize: 16384}
	log.Fatal(server.ListenAndServe("127.0.0.1:" + os.Args[1]))
}
