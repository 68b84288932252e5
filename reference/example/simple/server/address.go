package main

// listenAddress is the document's "0.0.0.0:9090". Another one goes in with
//
//	go run -ldflags "-X main.listenAddress=127.0.0.1:0" ./reference/example/simple/server
var listenAddress = "0.0.0.0:9090"
