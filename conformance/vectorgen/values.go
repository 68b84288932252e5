package vectorgen

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// replyError is the error that a packet's metadata carries.
func replyError(code int32, message, detail string) *vectors.ReplyError {
	return &vectors.ReplyError{Code: code, Message: text(message), Detail: text(detail)}
}

// examplePull is the PULL of fast-example-0001.
func examplePull() frame {
	return plain(0, oracle.Pull, homeUri, 'j', `{"a":1}`).
		withMeta("set=0&add=1&add=2", pair("set", "0"), pair("add", "1"), pair("add", "2"))
}

// doubleGzip is the base packet with gzip twice.
func doubleGzip() frame {
	f := base()
	return f.withPipe("gg", oracle.Gzip(oracle.GzipFixed(f.payload())))
}
