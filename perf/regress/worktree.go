package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// repo is a git checkout whose commits can be built beside each other.
type repo struct {
	root string // of the checkout
	temp string // holds the worktrees and the programs
}

// workingTree names the files as they are, with what is not committed.
const workingTree = "."

func openRepo(ctx context.Context, dir string) (*repo, error) {
	root, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("commits are compared within a git checkout: %w", err)
	}
	temp, err := os.MkdirTemp("", "regress-*")
	if err != nil {
		return nil, err
	}
	return &repo{root: root, temp: temp}, nil
}

// build makes the benchmark program of a commit and returns its path and a
// short name for the commit.
func (r *repo) build(ctx context.Context, commit, name string) (program, label string, err error) {
	dir, label := r.root, "working tree"
	if commit != workingTree {
		id, err := git(ctx, r.root, "rev-parse", "--verify", "--quiet", "--end-of-options", commit+"^{commit}")
		if err != nil {
			return "", "", fmt.Errorf("%q is neither a commit of %s nor a file of results", commit, r.root)
		}
		dir, label = filepath.Join(r.temp, name), id[:10]
		if !strings.HasPrefix(id, commit) {
			label = commit
		}
		if _, err := git(ctx, r.root, "worktree", "add", "--detach", "--quiet", dir, id); err != nil {
			return "", "", fmt.Errorf("checking %s out: %w", commit, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "perf", "main.go")); err != nil {
		return "", "", fmt.Errorf("%s has no benchmark program (perf/main.go), so it cannot be measured", label)
	}
	program = filepath.Join(r.temp, name+".bin")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./perf")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("building ./perf of %s: %w\n%s", label, err, out)
	}
	return program, label, nil
}

// close removes the worktrees, also where the run was cancelled, and leaves
// nothing of them in the repository.
func (r *repo) close() error {
	err := os.RemoveAll(r.temp)
	if _, e := git(context.Background(), r.root, "worktree", "prune"); err == nil {
		err = e
	}
	return err
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
