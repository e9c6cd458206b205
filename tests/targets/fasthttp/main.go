// A fasthttp server with one fixed JSON answer, for comparing the reference server's fast preset with.
package main

import (
	"fmt"
	"net"
	"os"

	"github.com/valyala/fasthttp"
)

var body = []byte("{\"id\":7,\"name\":\"user\"}\n")

func answer(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.SetContentType("application/json")
	ctx.Response.SetBodyRaw(body)
}

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	server := fasthttp.Server{Handler: answer}
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
