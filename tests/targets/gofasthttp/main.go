// A fasthttp server on a free port of loopback that answers every request with a body of so many bytes. With
// -raw the body is handed over as it is (ctx.Response.SetBodyRaw), without it fasthttp copies it into its own
// buffer (ctx.Response.SetBody).
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/valyala/fasthttp"
)

func main() {
	size := flag.Int("size", 1024, "bytes of every answer's body")
	raw := flag.Bool("raw", false, "do not copy the body")
	flag.Parse()
	body := bytes.Repeat([]byte{'x'}, *size)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	log.Fatal(fasthttp.Serve(listener, func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("application/octet-stream")
		if *raw {
			ctx.Response.SetBodyRaw(body)
		} else {
			ctx.Response.SetBody(body)
		}
	}))
}
