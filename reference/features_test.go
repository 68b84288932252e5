package tp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// features are the rows of what the design document asks for, as the table of
// features numbers them, each with the tests that show it: the names of this
// package's, others with their folder in front.
var features = []struct {
	row, claim string
	tests      string
}{
	// The claims.
	{"A1", "one Peer listens and dials, both sides call", "TestSession_ManyConcurrentCallsBothWays TestPeer_ListenAndDialOverRealSockets"},
	{"A2", "custom Proto, for a call, a connection, the process", "TestSeed_OwnProtoAndFilter TestSetDefaultProtoFunc_NilIsFast"},
	{"A3", "sizes of the socket's buffers, keep-alive", "socket:TestTune"},
	{"A4", "a packet has header and body", "TestSession_WireOfPullAndReply"},
	{"A5", "head and body coded apart", "proto/json:TestPeers_OverJSON proto/pb:TestPeers_OverPB codec:TestDefault_BuiltIn"},
	{"A6", "metadata in the header", "packet:TestMeta_Decode packet:TestMeta_EveryByteRoundTrips"},
	{"A7", "push, pull, reply", "TestSession_PullPushReply"},
	{"A8", "plugins: auth, heartbeat, registration, statistics", "TestPluginContainer_TwentyHooksInOrder plugin/auth:TestHandshake plugin/heartbeat:TestHeartbeat_FindsTheDead plugin/registry:TestStatic_IsARegistry plugin/stats:TestStats_PullsOnBothSides"},
	{"A9", "reboot and shutdown gracefully", "TestShutdown_ClosesAllPeersGracefully TestPeerShutdown_LetsHandlersFinish TestReboot_LosesNoCall"},
	{"A10", "reverse proxy", "plugin/proxy:TestProxy_ConformsShared"},
	{"A11", "detailed log, with bodies", "TestRunlog_Forms TestRedactBody_DecidesWhatTheRunLogShows"},
	{"A12", "alarm for slow operations", "TestSlowCometDuration_IsAnAlarm"},
	{"A13", "many calls on one connection, replies in any order", "TestSession_ManyConcurrentCallsBothWays"},
	{"A14", "limit of the packet size, exceeded: disconnected", "TestPeer_OwnRegistriesAndLimits TestSetReadLimit_RefusesWhatNoPacketFits"},
	{"A15", "a context for the handler", "TestContext_OfAHandler"},
	{"A16", "a client's session redials", "TestRedial_KeepsIdDataAndSeq"},
	{"A17", "networks", "TestPeer_ListenAndDialOverRealSockets TestServeConn_RefusesDatagrams socket:TestMessages_OnePacketIsOneMessage"},
	// The packet.
	{"A18", "seq", "TestSeed_PacketFields"},
	{"A19", "ptype", "TestSeed_PacketFields packet:TestTypeText_Names"},
	{"A20", "uri", "TestSeed_PacketFields TestParseUri_PathAndQuery"},
	{"A21", "meta", "TestSeed_PacketFields packet:TestMeta_Changes"},
	{"A22", "bodyCodec", "TestSeed_PacketFields"},
	{"A23", "body", "TestSeed_PacketFields packet:TestAppendBody_Kinds"},
	{"A24", "newBodyFunc", "TestSeed_PacketFields packet:TestUnmarshalNewBody_WithFunc"},
	{"A25", "xferPipe", "TestSeed_PacketFields xfer:TestXferPipe_Order xfer:TestXferPipe_255Filters"},
	{"A26", "size", "proto/fast:TestPack_ChangesOnlyTheSize"},
	{"A27", "free list", "TestPackets_FromThePoolAreEmpty packet:TestGetPacket_IsEmpty"},
	{"A28", "NewBodyFunc", "TestSeed_PacketFields"},
	// The interfaces.
	{"A29", "XferFilter, XferPipe", "TestSeed_OwnProtoAndFilter xfer:TestXferPipe_RoundTrips"},
	{"A30", "Proto", "TestSeed_OwnProtoAndFilter"},
	{"A31", "ProtoFunc", "TestSeed_OwnProtoAndFilter"},
	// The API.
	{"A32", "SetDefaultProtoFunc", "TestSeed_OwnProtoAndFilter"},
	{"A33", "ServeConn", "TestServeConn_BothEndsOfAPipe"},
	{"A34", "DialContext", "TestDial_Errors"},
	{"A35", "Dial", "TestSeed_CreatePeers"},
	{"A36", "Listen", "TestSeed_CreatePeers TestListen_ReturnsWhatGoesWrong"},
	{"A37", "NewPeer", "TestSeed_CreatePeers TestNewPeer_BadConfigPanicsWithATypedError"},
	{"A38", "PeerConfig", "TestNewPeer_BadConfigPanicsWithATypedError TestPeer_TLS example/simple:TestSample_BothProcessesOverTCP"},
	{"A39", "pull controllers", "TestSeed_SnippetsWorkTogether TestController_FreshValuePerRequest"},
	{"A40", "push controllers", "TestSeed_PushHandlers TestController_Push"},
	{"A41", "Ip and Query of a context", "TestSeed_PushHandlers TestSeed_SnippetsWorkTogether"},
	{"A42", "log functions", "TestLog_EachFunctionHasItsLevel TestFatalf_GoesThroughTheExitFunction TestPanicf_LogsAndPanics"},
	{"A43", "unknown pull handler", "TestSeed_SnippetsWorkTogether TestRouter_UnknownForms"},
	{"A44", "unknown push handler", "TestSeed_PushHandlers TestRouter_UnknownForms"},
	{"A45", "Bind and Unmarshal", "TestSeed_SnippetsWorkTogether example/simple:TestSample_BothProcessesOverTCP"},
	{"A46", "NewRerror", "TestSeed_SnippetsWorkTogether TestRerror_WrittenAsRecorded"},
	{"A47", "Plugin and hooks", "TestPluginContainer_TwentyHooksInOrder TestPlugin_EffectOfAnError"},
	{"A48", "AliasPlugin works", "TestSeed_SnippetsWorkTogether"},
	{"A49", "ctx.Input().Uri and SetUri", "TestSeed_SnippetsWorkTogether TestHooks_RewriteTheUri"},
	{"A50", "Group", "TestSeed_SnippetsWorkTogether TestRouter_PluginLevels"},
	{"A51", "Reg with plugins", "TestSeed_SnippetsWorkTogether"},
	{"A52", "SetUnknown of pulls", "TestSeed_SnippetsWorkTogether TestRouter_Unknown"},
	{"A53", "the same of pushes", "TestSeed_SnippetsWorkTogether"},
	{"A54", "GraceSignal", "TestGraceSignal_ShutsDownAndExits"},
	{"A55", "SetShutdown", "TestShutdown_TimesOut TestShutdown_ClosesAllPeersGracefully"},
	{"A56", "SetReadLimit", "TestSetReadLimit_RefusesWhatNoPacketFits"},
	{"A57", "Peer.Close", "TestPeer_CloseEndsEverything"},
	{"A58", "SetId", "TestHub_IdsAndKicking"},
	{"A59", "Pull and its PullCmd", "TestSession_PullPushReply"},
	{"A60", "a handler pushes to its caller", "example/simple:TestSample_BothProcessesOverTCP"},
	{"A61", "CopyMeta", "example/simple:TestSample_BothProcessesOverTCP TestContext_InputNeverShowsTheReadersBuffer"},
	{"A62", "WithXferPipe", "example/simple:TestSample_BothProcessesOverTCP packet:TestWithXferPipe_LooksInTheEnv"},
	{"A63", "WithSetMeta, WithAddMeta", "example/simple:TestSample_BothProcessesOverTCP"},
	{"A64", "kinds of reply and argument", "example/simple:TestSample_BothProcessesOverTCP codec:TestJSON_RecordedBodies"},
	{"A65", "unknown beside known paths of a group", "example/simple:TestSample_BothProcessesOverTCP"},
	{"A66", "routes", "example/simple:TestSample_BothProcessesOverTCP TestSnakeString_AsRecorded"},
	{"A67", "a query with a space", "TestSeed_SnippetsWorkTogether TestParseUri_PathAndQuery"},
	{"A68", "addresses", "TestSeed_CreatePeers"},
	{"A69", "handlers may sleep", "example/simple:TestSample_ShutdownLetsTheHandlerFinish TestInvariant_ReaderNeverWaits_BlockedHandlersAndHooks"},
	{"A70", "Session", "TestSession_PullPushReply TestSession_AsyncPull TestSession_PublicIsSharedAndSeedsContexts TestSession_IdleTimeoutEndsIt"},
	{"A71", "GetSession, RangeSession, CountSession", "TestHub_IdsAndKicking"},
	{"A72", "the rest of package tp", "TestGo_IsBoundedAndAnywayGoIsNot TestSetGlobalBodyCodec_CountsForPeersMadeAfterwards TestSessionHub_IsAnIndex TestSetRawlogLevel_ByName TestRerror_AsGoError TestPeerConfigReload_BindsAndChecks"},
	{"A73", "package socket", "socket:TestSocket_RoundTrip socket:TestSocketHub"},
	{"A74", "codecs", "codec:TestDefault_BuiltIn codec:TestAdd_Refuses codec/protobuf:TestCodec_RoundTrips"},
	{"A75", "gzip and pipes", "xfer:TestGzip_RoundTripAllLevels xfer:TestXferPipe_Range"},
	{"A77", "Apache-2", "TestLicense_IsApache2"},
	// A76, the benchmark, is perf's.
}

func TestFeatures_EachRowHasItsTests(t *testing.T) {
	known := map[string]map[string]bool{}
	next := 1
	for _, f := range features {
		if next == 76 {
			next++
		}
		if want := "A" + strconv.Itoa(next); f.row != want {
			t.Errorf("row %s stands where %s is expected", f.row, want)
		}
		next++
		for _, name := range strings.Fields(f.tests) {
			dir, test, ok := strings.Cut(name, ":")
			if !ok {
				dir, test = ".", name
			}
			if known[dir] == nil {
				known[dir] = testsOf(t, dir)
			}
			if !known[dir][test] {
				t.Errorf("%s (%s): there is no test %s", f.row, f.claim, name)
			}
		}
	}
	if next != 78 {
		t.Errorf("the rows end before A%d, want A77 at the end", next)
	}
}

// testsOf gives the names of the test functions in a folder below this one.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

func TestLicense_IsApache2(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "Apache License") || !strings.Contains(string(text), "Version 2.0, January 2004") {
		t.Error("LICENSE is not the Apache License 2.0")
	}
}
