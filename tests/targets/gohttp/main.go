// A net/http server on a free port of loopback. It answers a path with the path or, given a size, every
// request with a body of that many bytes and its length; given a TLS version, over TLS of that version with a
// certificate of its own making.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
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

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func secured(listener net.Listener, name string) net.Listener {
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	version, known := versions[name]
	if !known {
		log.Printf("-tls: '%s' is not 1.2 or 1.3", name)
		os.Exit(2)
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate()},
		MinVersion:   version,
		MaxVersion:   version,
	})
}

func main() {
	size := flag.Int("size", 0, "bytes of every answer's body; 0: the path")
	version := flag.String("tls", "", "1.2 or 1.3; empty: in clear")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	if *version != "" {
		listener = secured(listener, *version)
	}
	handler := http.HandlerFunc(answerPath)
	if *size > 0 {
		handler = answerBody(bytes.Repeat([]byte{'x'}, *size))
	}
	log.Fatal(http.Serve(listener, handler))
}
