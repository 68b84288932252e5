module github.com/henrylee2cn/teleport/conformance/thirdparty/erpcv6

go 1.26.0

require (
	github.com/henrylee2cn/erpc/v6 v6.3.5
	github.com/henrylee2cn/teleport v0.0.0
)

require (
	git.apache.org/thrift.git v0.13.0 // indirect
	github.com/gogo/protobuf v1.2.1 // indirect
	github.com/golang/protobuf v1.5.4 // indirect
	github.com/henrylee2cn/ameda v1.3.6 // indirect
	github.com/henrylee2cn/cfgo v0.0.0-20180417024816-e6c3cc325b21 // indirect
	github.com/henrylee2cn/goutil v0.0.0-20200416032639-974f5b4094a2 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/klauspost/cpuid v1.2.2 // indirect
	github.com/klauspost/reedsolomon v1.9.3 // indirect
	github.com/lucas-clemente/quic-go v0.18.0 // indirect
	github.com/pkg/errors v0.8.1 // indirect
	github.com/templexxx/cpu v0.0.1 // indirect
	github.com/templexxx/xorsimd v0.4.1 // indirect
	github.com/tidwall/gjson v1.2.2 // indirect
	github.com/tidwall/match v1.0.1 // indirect
	github.com/tidwall/pretty v1.0.0 // indirect
	github.com/tjfoc/gmsm v1.0.1 // indirect
	github.com/xtaci/kcp-go/v5 v5.5.12 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	gopkg.in/yaml.v2 v2.2.2 // indirect
)

replace github.com/henrylee2cn/teleport => ../../..

// The real quic-go v0.18 panics at start-up under any current Go; see quicgo.
replace github.com/lucas-clemente/quic-go => ./quicgo
