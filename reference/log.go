package tp

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// The levels of the log functions, as log/slog levels. Print is above all
// others: it is shown at every setting but OFF.
const (
	LevelTrace    = slog.Level(-8)
	LevelDebug    = slog.LevelDebug
	LevelInfo     = slog.LevelInfo
	LevelNotice   = slog.Level(2)
	LevelWarning  = slog.LevelWarn
	LevelError    = slog.LevelError
	LevelCritical = slog.Level(12)
	LevelPrint    = slog.Level(16)
	levelOff      = slog.Level(127)
)

var levelNames = []struct {
	name  string
	level slog.Level
}{
	{"PRINT", LevelPrint}, {"CRITICAL", LevelCritical}, {"ERROR", LevelError}, {"WARNING", LevelWarning},
	{"NOTICE", LevelNotice}, {"INFO", LevelInfo}, {"DEBUG", LevelDebug}, {"TRACE", LevelTrace}, {"OFF", levelOff},
}

var (
	rawLevel   = newLevelVar(LevelTrace)                                 // of the default logger
	rawLogger  = slog.New(&lineHandler{out: os.Stderr, level: rawLevel}) // the default logger
	userLogger atomic.Pointer[slog.Logger]                               // nil: rawLogger
	exitFunc   atomic.Pointer[func(int)]                                 // nil: os.Exit
)

func newLevelVar(l slog.Level) *slog.LevelVar {
	v := new(slog.LevelVar)
	v.Set(l)
	return v
}

// SetLogger makes l the logger of the whole package: the functions below, the
// run log, warnings. nil brings the default back, which writes lines to
// standard error. The levels are LevelTrace to LevelPrint. Safe at any time.
func SetLogger(l *slog.Logger) { userLogger.Store(l) }

// Logger returns the logger in use.
func Logger() *slog.Logger {
	if l := userLogger.Load(); l != nil {
		return l
	}
	return rawLogger
}

// SetRawlogLevel sets the lowest level that the default logger shows: PRINT,
// CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG, TRACE (the default) or OFF,
// in any case. Another name is an error and changes nothing. A logger given to
// SetLogger has its own level.
func SetRawlogLevel(level string) error {
	for _, n := range levelNames {
		if strings.EqualFold(n.name, level) {
			rawLevel.Set(n.level)
			return nil
		}
	}
	return fmt.Errorf("teleport: log level %q: want PRINT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG, TRACE or OFF", level)
}

// GetRawlogLevel returns the name of the default logger's level.
func GetRawlogLevel() string { return levelName(rawLevel.Level()) }

func levelName(l slog.Level) string {
	for _, n := range levelNames {
		if n.level == l {
			return n.name
		}
	}
	return l.String()
}

// SetExitFunc replaces what Fatalf and GraceSignal end the process with:
// os.Exit by default. It is the one place where the package can end the
// process. nil brings os.Exit back. Where f returns, Fatalf returns too.
func SetExitFunc(f func(code int)) {
	if f == nil {
		exitFunc.Store(nil)
		return
	}
	exitFunc.Store(&f)
}

func exitProcess(code int) {
	if f := exitFunc.Load(); f != nil {
		(*f)(code)
		return
	}
	os.Exit(code)
}

func logEnabled(level slog.Level) bool { return Logger().Enabled(context.Background(), level) }

// logf logs one formatted line; skip counts the callers between the log
// function and the code that the line is about.
func logf(level slog.Level, skip int, format string, args ...any) {
	h := Logger().Handler()
	if !h.Enabled(context.Background(), level) {
		return
	}
	var pc [1]uintptr
	runtime.Callers(skip+3, pc[:])
	// A handler's error has nowhere to go: as slog does, drop it.
	_ = h.Handle(context.Background(), slog.NewRecord(time.Now(), level, fmt.Sprintf(format, args...), pc[0]))
}

// Printf logs at LevelPrint, which every setting but OFF shows.
func Printf(format string, args ...any) { logf(LevelPrint, 0, format, args...) }

// Criticalf logs at LevelCritical.
func Criticalf(format string, args ...any) { logf(LevelCritical, 0, format, args...) }

// Errorf logs at LevelError. (It makes no error: fmt.Errorf does.)
func Errorf(format string, args ...any) { logf(LevelError, 0, format, args...) }

// Warnf logs at LevelWarning.
func Warnf(format string, args ...any) { logf(LevelWarning, 0, format, args...) }

// Noticef logs at LevelNotice.
func Noticef(format string, args ...any) { logf(LevelNotice, 0, format, args...) }

// Infof logs at LevelInfo.
func Infof(format string, args ...any) { logf(LevelInfo, 0, format, args...) }

// Debugf logs at LevelDebug.
func Debugf(format string, args ...any) { logf(LevelDebug, 0, format, args...) }

// Tracef logs at LevelTrace.
func Tracef(format string, args ...any) { logf(LevelTrace, 0, format, args...) }

// Panicf logs at LevelCritical and panics with the text.
func Panicf(format string, args ...any) {
	logf(LevelCritical, 0, format, args...)
	panic(fmt.Sprintf(format, args...))
}

// Fatalf logs at LevelCritical and ends the process with status 1 through the
// function given to SetExitFunc. It is for programs; the package itself never
// calls it.
func Fatalf(format string, args ...any) {
	logf(LevelCritical, 0, format, args...)
	exitProcess(1)
}
