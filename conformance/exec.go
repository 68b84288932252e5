package conformance

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/vectors"
)

// CheckExec judges an encoder and decoder that runs in a process of its own and may be written in any language:
// command is the program and its arguments, which answers the judge's lines of JSON as package testee says. It runs
// every golden vector for the Protos and filters that the testee declares, the part of the Proto battery that is
// about bytes, and the peer battery where the testee has a server. What is not declared, and what the testee calls
// unimplemented, is skipped.
//
// One process serves many cases; another is started after a crash (verdict panic), a silence (hang) and an answer
// that is none (harness-error). A testee that cannot be started, or does not say hello, gives a report of one
// harness-error, harness/testee. All processes have ended when CheckExec returns. See CheckProto for ctx.
func CheckExec(ctx context.Context, command []string, opts ...Option) *Report {
	c := newConfig(opts)
	session, cases, err := c.openExec(ctx, command)
	if err != nil {
		if c.run.Target == "" {
			c.run.Target = strings.Join(command, " ")
		}
		return c.undecided(CaseTestee, "the testee starts and says hello", err)
	}
	defer session.Close()
	return c.check(ctx, cases)
}

// CaseTestee is the case id under which CheckExec reports that a testee could not be started.
const CaseTestee = "harness/testee"

// CaseSelection is the case id under which a check reports that [Only] matches none of its cases.
const CaseSelection = runner.CaseSelection

// TestExec judges a testee as CheckExec does, one subtest a case, by the rules of TestProto. A testee that cannot be
// started fails the test.
func TestExec(t *testing.T, command []string, opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	session, cases, err := c.openExec(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	testCases(t, cases, c)
}

// openExec starts the testee and gives the cases for it.
func (c *config) openExec(ctx context.Context, command []string) (*testee.Session, []Case, error) {
	o := c.exec
	o.Command, o.Standard = command, vectors.Standard
	o.Connect, o.Silence = c.target.ConnectTimeout, c.target.SilenceTimeout
	for _, f := range suite.ExecFeatures() {
		o.Features = append(o.Features, string(f))
	}
	session, err := testee.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	x := suite.NewExec(session)
	for _, f := range x.Without() {
		if !slices.Contains(c.run.Without, f) {
			c.run.Without = append(c.run.Without, f)
		}
	}
	if c.run.Target == "" {
		c.run.Target = execName(session.Introduction(), command)
	}
	return session, x.Cases(&c.target), nil
}

// execName names a testee by what it says of itself.
func execName(i testee.Introduction, command []string) string {
	name := strings.Join(strings.Fields(i.Name+" "+i.Version), " ")
	if i.Language != "" {
		name += " in " + i.Language
	}
	return name + " (" + strings.Join(command, " ") + ")"
}

// WithLines has f told every line between CheckExec and the testee, without its line feed, from the goroutine that
// judges. It must not keep the bytes.
func WithLines(f func(sent bool, line []byte)) Option {
	return func(c *config) { c.exec.OnLine = f }
}

// WithStderr has w get what a testee writes to its standard error. Without it, only the last lines are kept, for the
// details of a crash.
func WithStderr(w io.Writer) Option { return func(c *config) { c.exec.Stderr = w } }

// WithStarted has f called with the process id of a testee whenever one has said hello, before any case is put to it.
func WithStarted(f func(pid int)) Option { return func(c *config) { c.exec.OnStart = f } }
