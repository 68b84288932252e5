package main

// dialAddress is the document's "127.0.0.1:9090". Another one goes in with
//
//	go run -ldflags "-X main.dialAddress=127.0.0.1:9091" ./reference/example/simple/client
var dialAddress = "127.0.0.1:9090"
