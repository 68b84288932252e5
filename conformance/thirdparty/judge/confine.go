package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
)

// confinedCase is the variable that tells a test process to be the child: "<Proto> <case id>".
const confinedCase = "TELEPORT_CONFINED_CASE"

// confinedMemory is the memory a child may have, in bytes. The battery itself needs a few dozen MiB.
const confinedMemory = 1 << 30

// resultMark begins the line on which the child gives its verdict.
const resultMark = "confined result: "

// confine judges p by one case in a child: the same test program, told to run nothing else. A child that dies
// has the verdict panic, for the code under test took the process down.
func confine(ctx context.Context, p Proto, id string) conformance.Result {
	result := conformance.Result{Case: id, Level: conformance.MUST}
	for _, c := range conformance.Select(id) {
		result.Level, result.Requirements, result.Title, result.Chapter = c.Level, c.Requirements, c.Title, c.Chapter
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestErpc$", "-test.v")
	cmd.Env = append(os.Environ(), confinedCase+"="+p.Name+" "+id)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	text := out.String()
	if _, line, ok := strings.Cut(text, resultMark); ok {
		line, _, _ = strings.Cut(line, "\n")
		var told struct {
			Verdict conformance.Verdict
			Detail  string
		}
		if json.Unmarshal([]byte(line), &told) == nil {
			result.Verdict, result.Detail = told.Verdict, told.Detail
			return result
		}
	}
	if _, fatal, ok := strings.Cut(text, "fatal error: "); ok {
		fatal, _, _ = strings.Cut(fatal, "\n")
		result.Verdict, result.Detail = conformance.Panic, "the process died: fatal error: "+fatal
		return result
	}
	result.Verdict = conformance.HarnessError
	result.Detail = fmt.Sprintf("the child gave no verdict (%v): %.300s", errors.Join(err, ctx.Err()), text)
	return result
}

// beChild does the child's work where this process is one, and reports whether it was.
func beChild(t *testing.T, m Module) bool {
	name, id, ok := strings.Cut(os.Getenv(confinedCase), " ")
	if !ok {
		return false
	}
	if err := limitMemory(confinedMemory); err != nil {
		t.Fatalf("the memory of the child cannot be limited: %v", err)
	}
	for _, p := range m.Protos {
		if p.Name != name {
			continue
		}
		for _, r := range m.Host.run(t.Context(), p, []string{id}) {
			line, err := json.Marshal(map[string]string{"Verdict": string(r.Verdict), "Detail": r.Detail})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println(resultMark + string(line))
		}
	}
	return true
}
