package tp

import "time"

// endsFaultsOfHooks are errors and panics of each hook, on each side that runs
// it for the call under test.
func endsFaultsOfHooks() []*endsFault {
	ok, no := codes(success), codes(1999)
	type row struct {
		hook       string
		onCaller   bool
		pull, push []int32
	}
	var rows []*endsFault
	for _, h := range []row{
		{"PreWritePull", true, no, ok},
		{"PostWritePull", true, ok, ok},
		{"PreWriteReply", false, ok, ok},
		{"PostWriteReply", false, ok, ok},
		{"PreWritePush", true, ok, no},
		{"PostWritePush", true, ok, ok},
		{"PostReadPullHeader", false, no, ok},
		{"PreReadPullBody", false, no, ok},
		{"PostReadPullBody", false, no, ok},
		{"PostReadPushHeader", false, ok, ok},
		{"PreReadPushBody", false, ok, ok},
		{"PostReadPushBody", false, ok, ok},
		{"PostReadReplyHeader", true, no, ok},
		{"PreReadReplyBody", true, no, ok},
		{"PostReadReplyBody", true, no, ok},
		{"PreReadHeader", true, unsentOr(success), unsentOr(success)},
		{"PreReadHeader", false, unsentOr(success), unsentOr(success)},
		{"PostDisconnect", true, ok, ok},
		{"PostDisconnect", false, ok, ok},
	} {
		for _, how := range []string{"refuses", "panics", "ends its goroutine"} {
			f := &endsFault{name: h.hook + " of the callee " + how, pull: h.pull, push: h.push}
			if h.onCaller {
				f.name = h.hook + " of the caller " + how
			}
			switch {
			case how == "panics":
				f.pull, f.push = panicking(f.pull), panicking(f.push)
			case how != "ends its goroutine":
			case h.hook == "PreWritePull" || h.hook == "PostWritePull" || h.hook == "PreWritePush" || h.hook == "PostWritePush":
				continue // the goroutine is the caller's own: nobody waits for the call any more
			case h.hook == "PreWriteReply":
				f.pull = codes(500)
			default:
				f.pull, f.push = panicking(f.pull), panicking(f.push)
			}
			f.before = func(c *endsCell) {
				on := c.callee
				if h.onCaller {
					on = c.caller
				}
				err := on.PluginContainer().Add(&everyHook{name: "faulty", do: func(hook string, _ any) *Rerror {
					if hook != h.hook {
						return nil
					}
					switch how {
					case "panics":
						panic("asked to")
					case "ends its goroutine":
						exitGoroutine()
					}
					return NewRerror(1999, "no", "")
				}})
				if err != nil {
					c.t.Fatal(err)
				}
			}
			// The call around the one under test passes hooks of its own.
			f.outer = codes(success, 500, 1999)
			if h.hook == "PreReadHeader" {
				f.within, f.endedBy = time.Second, "the session's end"
			}
			rows = append(rows, f)
		}
	}
	return rows
}

// panicking is what a hook's own code becomes when it panics instead.
func panicking(codes []int32) (out []int32) {
	for _, c := range codes {
		if c == 1999 {
			c = 500
		}
		out = append(out, c)
	}
	return out
}
