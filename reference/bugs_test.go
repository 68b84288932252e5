package tp

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// registeredBug is one row of bugs.
type registeredBug struct {
	no         int
	bug, tests string
}

// bugs is the register of what was wrong in the original, as the study of its
// behaviour numbers it, each with the tests that fail where the bug is: the names
// of this package's, others with their folder in front. What an original did
// there is in the tests' comments.
var bugs = []registeredBug{
	{1, "an empty body, of a pull or a reply, hangs the caller", "TestBug01_EmptyBodies TestSession_V3CompatNeverSendsAnEmptyBody"},
	{2, "replies of 404, 400 and of a plugin that refuses hang", "TestSession_PullPushReply TestHooks_Errors TestEnds_FaultsByCallKinds"},
	{3, "no reply when the handler panics", "TestEnds_FaultsByCallKinds TestReply_CodeThatEndsItsGoroutineIsAnswered500"},
	{4, "no reply when the result cannot be encoded", "TestEnds_FaultsByCallKinds TestReply_PlainProtoThatFailsToPack"},
	{5, "a full pool drops in silence", "TestEnds_FaultsByCallKinds TestDispatch_PushesBeyondTheSlotsAreDropped TestStats_EachDroppedPushIsCountedOnce"},
	{6, "a body that does not decode kills the session", "TestEnds_FaultsByCallKinds TestPlainProto_CarriesCallsBothWays"},
	{7, "an unknown codec kills the session, also of a proxy", "TestBug07_UnknownCodecs plugin/proxy:TestOpaque_PassesWhatIsNotKnown"},
	{8, "short reads are taken for whole ones", "socket:TestReadPacket_EveryStreamOnBothPaths TestEnds_FaultsByCallKinds"},
	{9, "slices of negative and short lengths panic", "proto/fast:TestDecode_EveryTruncation proto/fast:TestDecode_Errors"},
	{10, "the size is allocated before any data, and overflows", "proto/fast:TestUnpack_MemoryFollowsTheBytes socket:TestReadPacket_NoMemoryAheadOfTheData TestInvariant_MemoryOfHostileInputIsBounded"},
	{11, "bodies alias a buffer that is used again", "TestInvariant_NoBorrowedBytesCrossAGoroutine TestDialogue_ServesTheOriginalsClient packet:TestBind_ValuesOwnTheirMemory"},
	{12, "gzip: errors ignored, streams truncated, bombs", "xfer:TestGunzip_EveryTruncation xfer:TestGunzip_TrailerAndAfter xfer:TestGunzip_BombTakesLittleMemory"},
	{13, "a pipe of over 255 filters wraps, unknown filters are left out", "xfer:TestXferPipe_255Filters xfer:TestXferPipe_FailuresStick TestEnds_FaultsByCallKinds"},
	{14, "timeouts in an int32", "TestBug14_LongTimeouts TestSession_IdleTimeoutEndsIt"},
	{15, "TLS: settings unused, deadlines kept, handshakes leak, no server name", "TestPeer_TLS TestTLS_Mutual TestTLS_ConfigErrors TestTLS_HandshakesEnd"},
	{16, "a replaced session takes the new one out of the hub", "TestHub_IdsAndKicking"},
	{17, "all clients over unix have the same id", "TestNetworks TestPeer_ListenAndDialOverRealSockets"},
	{18, "unixpacket truncates", "TestUnixpacket_OverlongPackets socket:TestMessages_OnePacketIsOneMessage socket:TestMessages_Faults"},
	{19, "Close inside a handler waits for itself", "TestClose_InsideAHandler TestClose_InsideAHook"},
	{20, "a drop while a handler waits in Pull is a deadlock", "TestDrop_WhileAHandlerWaitsInPull"},
	{21, "pulls in flight are lost when the session redials", "TestRedial_KeepsIdDataAndSeq TestRedial_SendsAgainOnlyWhatWasNotSent"},
	{22, "calls spin after Close of a session that redials", "TestRedial_EndsWithClose TestRedial_BacksOffAndGivesUp"},
	{23, "redialing without a delay", "TestRedial_BacksOffAndGivesUp TestRedial_LinksThatDieYoungCountAsFailures TestBackoff_GrowsWithJitterUpToItsBound"},
	{24, "a write timeout leaves a torn stream open", "socket:TestWriter_WriteTimeoutEndsWriting socket:TestUntouched_TornAtEveryByte"},
	{25, "a broken pipe is not taken for a closed connection", "TestBug25_AnyBreakIsRedialed socket:TestConn_ResetByPeer"},
	{26, "Close and Shutdown race for the list of peers", "TestBug26_PeersComeAndGoConcurrently TestPeer_CloseEndsEverything TestShutdown_ClosesAllPeersGracefully"},
	{27, "Listen goes on after Close", "TestClose_ClosesTheListeners TestPeer_CloseEndsEverything"},
	{28, "a reboot kills the parent, whoever that is", "TestReboot_LeavesOtherParentsAlone"},
	{29, "a plugin cannot rewrite the uri", "TestHooks_RewriteTheUri TestSeed_SnippetsWorkTogether"},
	{30, "the handler runs though PreReadPushBody refused", "TestHooks_Errors TestStats_EachDroppedPushIsCountedOnce"},
	{31, "plugins of the same name are taken", "TestPluginContainer_DuplicatesAndMistakes"},
	{32, "SetUnknown of a group does nothing", "TestRouter_Unknown"},
	{33, "controllers and contexts are used again with what is in them", "TestController_FreshValuePerRequest TestController_ConcurrentRequestsShareNothing TestContext_KeptTooLongShowsItsOwnPacket"},
	{34, "errors: JSON without escapes, the detail glued to the message", "TestRerror_WrittenAsRecorded TestBug34_DetailStaysApart"},
	{35, "deleting metadata skips every second duplicate", "packet:TestMeta_Changes"},
	{36, "CostTime is set after the end is told", "TestBug36_CostTimeIsThereWithTheEnd"},
	{37, "the reply to no codec has the process's, not the peer's", "TestBug37_ReplyToNoCodecHasThePeersDefault"},
	{38, "PostDisconnect can run twice", "TestInvariant_SessionEndsOnce"},
	{39, "a WaitGroup is used again while it is waited for", "TestBug39_HandlersBeginWhileCloseWaits TestInvariant_SessionEndsOnce"},
	{40, "no bound on the handlers of a session", "TestInvariant_MemoryOfHostileInputIsBounded_Handlers TestMaxInflightBytes_BoundsWhatHandlersHold TestBounds_HandlersInFlight"},
	{41, "decoding and hooks hold the reader up", "TestInvariant_ReaderNeverWaits_BlockedHandlersAndHooks TestInvariant_ReaderRunsNoUserCode_Arguments TestInvariant_ReaderRunsNoUserCode_Replies"},
	{42, "a slow reader blocks every call, for ever", "TestBug42_SlowReaderHoldsNobodyForEver TestContext_EndsTheWaitForTheQueue TestBounds_SlowConsumerHoldsNoMemory"},
	{43, "the library ends the process", "TestNewPeer_BadConfigPanicsWithATypedError TestController_Mistakes TestListen_ReturnsWhatGoesWrong internal/archtest:TestRepository_KeepsTheRules"},
	{44, "the context of a nested controller is written over other fields", "TestController_NestedEmbedding"},
	{45, "Public makes its map without a lock", "TestBug45_PublicIsOneMap"},
	{46, "the body of an error reply goes into the caller's reply", "TestResult_WithAnErrorTheReplyIsAsItWas"},
	{47, "methods with a context's name are not registered, in silence", "TestController_MethodsThatHideTheContexts TestController_Mistakes"},
	{48, "registering after Listen races with serving", "TestRouter_RegWhileServing"},
}

// Each bug has its tests, and each test that is named after a bug is listed there.
func TestBugs_EachHasItsTests(t *testing.T) {
	known := map[string]map[string]bool{}
	for i, b := range bugs {
		if b.no != i+1 {
			t.Errorf("bug %d stands where %d is expected", b.no, i+1)
		}
		if b.bug == "" || b.tests == "" {
			t.Errorf("bug %d says nothing", b.no)
		}
		for _, name := range strings.Fields(b.tests) {
			dir, test, ok := strings.Cut(name, ":")
			if !ok {
				dir, test = ".", name
			}
			if known[dir] == nil {
				known[dir] = testsOf(t, dir)
			}
			if !known[dir][test] {
				t.Errorf("bug %d (%s): there is no test %s", b.no, b.bug, name)
			}
		}
	}
	if len(bugs) != 48 {
		t.Errorf("%d bugs are listed, want 48", len(bugs))
	}
	named := regexp.MustCompile(`^TestBug(\d\d)_`)
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		for test := range testsOf(t, dir) {
			m := named.FindStringSubmatch(test)
			if m == nil {
				continue
			}
			name := test
			if dir != "." {
				name = filepath.ToSlash(dir) + ":" + test
			}
			if !slices.ContainsFunc(bugs, func(b registeredBug) bool {
				return fmt.Sprintf("%02d", b.no) == m[1] && slices.Contains(strings.Fields(b.tests), name)
			}) {
				t.Errorf("%s is not listed under bug %s", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
