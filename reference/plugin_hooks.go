package tp

// hookLevel is a place where plugins are registered.
type hookLevel uint8

const (
	levelPeer      hookLevel = 1 << iota // the peer itself
	levelPullGroup                       // the pull router or one of its groups
	levelPushGroup                       // the push router or one of its groups
	levelPull                            // one pull controller, function or unknown handler
	levelPush                            // one push controller, function or unknown handler
)

const levelReg = levelPeer | levelPullGroup | levelPushGroup | levelPull | levelPush

func (l hookLevel) String() string {
	switch l {
	case levelPeer:
		return "the peer"
	case levelPullGroup:
		return "the pull router"
	case levelPushGroup:
		return "the push router"
	case levelPull:
		return "a pull handler"
	}
	return "a push handler"
}

// hookKind is one of the twenty hooks: its name, where it can run, and whether
// a value has it.
type hookKind struct {
	name   string
	levels hookLevel
	has    func(Plugin) bool
}

func has[T any](p Plugin) bool { _, ok := p.(T); return ok }

// hookKinds lists all hooks. A header hook runs before routing, so it cannot
// belong to one handler; hooks of what this peer launches have no router.
var hookKinds = [...]hookKind{
	{"PostReg", levelReg, has[PostRegPlugin]},
	{"PostDial", levelPeer, has[PostDialPlugin]},
	{"PostAccept", levelPeer, has[PostAcceptPlugin]},
	{"PreWritePull", levelPeer, has[PreWritePullPlugin]},
	{"PostWritePull", levelPeer, has[PostWritePullPlugin]},
	{"PreWriteReply", levelPeer | levelPullGroup | levelPull, has[PreWriteReplyPlugin]},
	{"PostWriteReply", levelPeer | levelPullGroup | levelPull, has[PostWriteReplyPlugin]},
	{"PreWritePush", levelPeer, has[PreWritePushPlugin]},
	{"PostWritePush", levelPeer, has[PostWritePushPlugin]},
	{"PreReadHeader", levelPeer, has[PreReadHeaderPlugin]},
	{"PostReadPullHeader", levelPeer | levelPullGroup, has[PostReadPullHeaderPlugin]},
	{"PreReadPullBody", levelPeer | levelPullGroup | levelPull, has[PreReadPullBodyPlugin]},
	{"PostReadPullBody", levelPeer | levelPullGroup | levelPull, has[PostReadPullBodyPlugin]},
	{"PostReadPushHeader", levelPeer | levelPushGroup, has[PostReadPushHeaderPlugin]},
	{"PreReadPushBody", levelPeer | levelPushGroup | levelPush, has[PreReadPushBodyPlugin]},
	{"PostReadPushBody", levelPeer | levelPushGroup | levelPush, has[PostReadPushBodyPlugin]},
	{"PostReadReplyHeader", levelPeer, has[PostReadReplyHeaderPlugin]},
	{"PreReadReplyBody", levelPeer, has[PreReadReplyBodyPlugin]},
	{"PostReadReplyBody", levelPeer, has[PostReadReplyBodyPlugin]},
	{"PostDisconnect", levelPeer, has[PostDisconnectPlugin]},
}

// idleHooks returns the hooks that a plugin has when none of them can run at
// the level, and nil when at least one can.
func idleHooks(p Plugin, level hookLevel) []string {
	names := []string{}
	for _, k := range hookKinds {
		if !k.has(p) {
			continue
		}
		if k.levels&level != 0 {
			return nil
		}
		names = append(names, k.name)
	}
	return names
}

// hookTable is a compiled chain: for each hook the plugins that have it, in order.
type hookTable struct {
	gen     uint64 // of the tree, when the table was compiled
	plugins []Plugin

	postReg             []PostRegPlugin
	postDial            []PostDialPlugin
	postAccept          []PostAcceptPlugin
	preWritePull        []PreWritePullPlugin
	postWritePull       []PostWritePullPlugin
	preWriteReply       []PreWriteReplyPlugin
	postWriteReply      []PostWriteReplyPlugin
	preWritePush        []PreWritePushPlugin
	postWritePush       []PostWritePushPlugin
	preReadHeader       []PreReadHeaderPlugin
	postReadPullHeader  []PostReadPullHeaderPlugin
	preReadPullBody     []PreReadPullBodyPlugin
	postReadPullBody    []PostReadPullBodyPlugin
	postReadPushHeader  []PostReadPushHeaderPlugin
	preReadPushBody     []PreReadPushBodyPlugin
	postReadPushBody    []PostReadPushBodyPlugin
	postReadReplyHeader []PostReadReplyHeaderPlugin
	preReadReplyBody    []PreReadReplyBodyPlugin
	postReadReplyBody   []PostReadReplyBodyPlugin
	postDisconnect      []PostDisconnectPlugin
}

func pick[T any](plugins []Plugin) []T {
	var out []T
	for _, p := range plugins {
		if h, ok := p.(T); ok {
			out = append(out, h)
		}
	}
	return out
}

func compileHooks(gen uint64, ps []Plugin) *hookTable {
	return &hookTable{
		gen: gen, plugins: ps,
		postReg:             pick[PostRegPlugin](ps),
		postDial:            pick[PostDialPlugin](ps),
		postAccept:          pick[PostAcceptPlugin](ps),
		preWritePull:        pick[PreWritePullPlugin](ps),
		postWritePull:       pick[PostWritePullPlugin](ps),
		preWriteReply:       pick[PreWriteReplyPlugin](ps),
		postWriteReply:      pick[PostWriteReplyPlugin](ps),
		preWritePush:        pick[PreWritePushPlugin](ps),
		postWritePush:       pick[PostWritePushPlugin](ps),
		preReadHeader:       pick[PreReadHeaderPlugin](ps),
		postReadPullHeader:  pick[PostReadPullHeaderPlugin](ps),
		preReadPullBody:     pick[PreReadPullBodyPlugin](ps),
		postReadPullBody:    pick[PostReadPullBodyPlugin](ps),
		postReadPushHeader:  pick[PostReadPushHeaderPlugin](ps),
		preReadPushBody:     pick[PreReadPushBodyPlugin](ps),
		postReadPushBody:    pick[PostReadPushBodyPlugin](ps),
		postReadReplyHeader: pick[PostReadReplyHeaderPlugin](ps),
		preReadReplyBody:    pick[PreReadReplyBodyPlugin](ps),
		postReadReplyBody:   pick[PostReadReplyBodyPlugin](ps),
		postDisconnect:      pick[PostDisconnectPlugin](ps),
	}
}
