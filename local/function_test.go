package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// testBootstrap builds testdata/bootstrap once.
var testBootstrap = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", path, "./testdata/bootstrap")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := testBootstrap(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func startFunction(t *testing.T, opt FunctionOptions) *Function {
	t.Helper()
	path, err := testBootstrap()
	if err != nil {
		t.Fatal(err)
	}
	opt.Bootstrap = path
	f, err := StartFunction(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func invoke(t *testing.T, f *Function, payload string) Result {
	t.Helper()
	result, err := f.Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// aboutProcess asks the process of f about itself.
func aboutProcess(t *testing.T, f *Function) (about struct {
	PID                 int
	RequestID, ARN, Dir string
	Deadline            int64
	Args, Env           []string
},
) {
	t.Helper()
	result := invoke(t, f, `{"Do":"about"}`)
	if err := json.Unmarshal(result.Payload, &about); err != nil || about.RequestID != result.RequestID {
		t.Fatalf("%v: %+v of %+v", err, about, result)
	}
	return about
}

// awaitRest waits until f's only process asks for more, or is gone.
func awaitRest(f *Function) {
	f.slots <- struct{}{}
	<-f.slots
}

func TestFunctionAnswers(t *testing.T) {
	for _, c := range []struct {
		name, payload string
		want          string // the payload, or its errorType
		failed        bool
		replaced      bool // the next invocation has another process
	}{
		{name: "ok", payload: `{"Do":"return","Text":"{\"a\": 1}"}`, want: `{"a": 1}`},
		{name: "partial failure", payload: `{"Records":[{"messageId":"a","body":"fail"},{"messageId":"b","body":"good"}]}`, want: `{"batchItemFailures":[{"itemIdentifier":"a"}]}`},
		{name: "bad JSON goes through", payload: `{"Do":"return","Text":"{"}`, want: `{`},
		{name: "error", payload: `{"Do":"error","Text":"no"}`, want: "errorString", failed: true},
		{name: "panic", payload: `{"Do":"panic","Text":"no"}`, want: "string", failed: true, replaced: true},
		{name: "exit", payload: `{"Do":"exit"}`, want: "Runtime.ExitError", failed: true, replaced: true},
		{name: "timeout", payload: `{"Do":"hang"}`, want: "Sandbox.Timedout", failed: true, replaced: true},
		{name: "response over 6 MB", payload: `{"Do":"repeat","MiB":7}`, want: "Function.ResponseSizeTooLarge", failed: true, replaced: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ended []Ended
			f := startFunction(t, FunctionOptions{
				Deadline: func(n int, _ []byte) time.Duration {
					if c.name == "timeout" && n == 2 {
						return 50 * time.Millisecond
					}
					return 0
				},
				Timeout: time.Minute,
				OnEnd:   func(e Ended) { ended = append(ended, e) },
			})
			first := aboutProcess(t, f)
			got := invoke(t, f, c.payload)
			second := aboutProcess(t, f)

			answer, functionError := string(got.Payload), ""
			if c.failed {
				functionError = "Unhandled"
				answer, _, _ = strings.Cut(functionErrorOf(got), ":")
			}
			if answer != c.want || got.FunctionError != functionError {
				t.Errorf("got %.300q %q, want %q", got.Payload, got.FunctionError, c.want)
			}
			if replaced := first.PID != second.PID; replaced != c.replaced {
				t.Errorf("process replaced: %v", replaced)
			}
			e := ended[1]
			if e.RequestID != got.RequestID || e.PID != first.PID || e.Killed || e.TimedOut != (c.name == "timeout") || (e.Err != nil) != c.failed {
				t.Errorf("ended %+v", e)
			}
		})
	}
}

func functionErrorOf(r Result) string { return functionError(r.Payload).Error() }

func TestFunctionLimitsPayloads(t *testing.T) {
	f := startFunction(t, FunctionOptions{Timeout: time.Minute})
	large := `{"Do":"return","Text":"` + strings.Repeat("x", PayloadLimit-100) + `"}`
	if got := invoke(t, f, large); got.FunctionError != "" || len(got.Payload) != PayloadLimit-100 {
		t.Errorf("just under the limit: %q, %d bytes", got.FunctionError, len(got.Payload))
	}
	if _, err := f.Invoke(t.Context(), make([]byte, PayloadLimit+1)); !errors.Is(err, ErrPayloadTooLarge) || !strings.Contains(err.Error(), "413") {
		t.Errorf("an event over the limit: %v", err)
	}
}

func TestFunctionRefusesToStart(t *testing.T) {
	path, err := testBootstrap()
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []FunctionOptions{
		{Bootstrap: path + "-missing"},
		{Bootstrap: filepath.Dir(path)},
		{Bootstrap: "function_test.go"},
		{Bootstrap: path, ARN: "arn:aws:lambda:us-east-1:function"},
	} {
		if _, err := StartFunction(opt); err == nil {
			t.Errorf("%+v was accepted", opt)
		}
	}
}

func TestFunctionThatCannotInitialise(t *testing.T) {
	for init, want := range map[string]string{
		"exit":  "Runtime.ExitError: RequestId: ID Error: Runtime exited with error: exit status 4",
		"error": "Config: three mistakes",
	} {
		f := startFunction(t, FunctionOptions{Env: map[string]string{"INIT": init}})
		for range 2 {
			got := invoke(t, f, `{}`)
			if text := strings.ReplaceAll(functionErrorOf(got), got.RequestID, "ID"); text != want || got.FunctionError != "Unhandled" {
				t.Errorf("INIT=%s: got %q, want %q", init, text, want)
			}
		}
	}
}

func TestFunctionEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_OURS", "leaked")
	f := startFunction(t, FunctionOptions{
		ARN:       "arn:aws:lambda:eu-west-1:111122223333:function:collector",
		Args:      []string{"a", "b"},
		Env:       map[string]string{"COLLECTOR_CONFIG": "/c.yaml", "TZ": "UTC"},
		Timeout:   7 * time.Minute,
		MemoryMiB: 512,
	})
	before := time.Now()
	got := aboutProcess(t, f)
	for _, want := range []string{
		"AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_LAMBDA_FUNCTION_NAME=collector",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "LAMBDA_TASK_ROOT=" + got.Dir,
		"_HANDLER=bootstrap", "COLLECTOR_CONFIG=/c.yaml", "TZ=UTC",
	} {
		if !slices.Contains(got.Env, want) {
			t.Errorf("no %s in %q", want, got.Env)
		}
	}
	if slices.ContainsFunc(got.Env, func(v string) bool { return strings.HasPrefix(v, "SECRET_OF_OURS=") }) {
		t.Error("our own environment reached the function")
	}
	if want := filepath.Dir(f.opt.Bootstrap); got.Dir != want || got.ARN != f.opt.ARN || !slices.Equal(got.Args, []string{"a", "b"}) {
		t.Errorf("got %+v", got)
	}
	deadline := time.UnixMilli(got.Deadline)
	if deadline.Before(before.Add(7*time.Minute).Truncate(time.Millisecond)) || deadline.After(time.Now().Add(7*time.Minute)) {
		t.Errorf("deadline %v, invoked at %v", deadline, before)
	}
}

// TestOnlyTheProcessCanAnswer: whoever knows the address of the Runtime API, and even
// the request, but not what the process was told, can neither answer nor take work.
func TestOnlyTheProcessCanAnswer(t *testing.T) {
	var host string
	f := startFunction(t, FunctionOptions{Timeout: time.Minute, OnStart: func(s Started) {
		if host == "" {
			return
		}
		for _, secret := range []string{"", "/" + strings.Repeat("A", 26)} {
			base := "http://" + host + secret + "/2018-06-01/runtime/invocation/"
			for path, method := range map[string]string{s.RequestID + "/response": http.MethodPost, "next": http.MethodGet} {
				if got := statusOf(t, method, base+path, `"forged"`); got != http.StatusNotFound {
					t.Errorf("another calls %s: %d", path, got)
				}
			}
		}
	}})
	env := aboutProcess(t, f).Env
	at := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "AWS_LAMBDA_RUNTIME_API=") })
	awaitRest(f)
	host, _, _ = strings.Cut(strings.TrimPrefix(env[at], "AWS_LAMBDA_RUNTIME_API="), "/")
	if got := invoke(t, f, `{"Do":"return","Text":"\"mine\""}`); string(got.Payload) != `"mine"` {
		t.Errorf("%s", got.Payload)
	}
}

func statusOf(t *testing.T, method, url, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestFunctionHandsOutAShorterDeadline(t *testing.T) {
	f := startFunction(t, FunctionOptions{Timeout: time.Hour, Deadline: func(n int, _ []byte) time.Duration {
		return time.Duration(n) * time.Minute
	}})
	for n := 1; n <= 2; n++ {
		left := time.Until(time.UnixMilli(aboutProcess(t, f).Deadline))
		if left > time.Duration(n)*time.Minute || left < time.Duration(n)*time.Minute-30*time.Second {
			t.Errorf("invocation %d has %v", n, left)
		}
	}
}

func TestFunctionLogsLinesByRequest(t *testing.T) {
	type line struct{ id, text string }
	var lines []line
	f := startFunction(t, FunctionOptions{Timeout: time.Minute, Log: func(id string, text []byte) {
		lines = append(lines, line{id, string(text)})
	}})
	var want []line
	for _, text := range []string{"one", "two\\n", "three"} {
		result := invoke(t, f, `{"Do":"print","Text":"`+text+`"}`)
		text = strings.TrimSuffix(text, "\\n")
		want = append(want, line{result.RequestID, text})
		if text == "two" {
			want = append(want, line{result.RequestID, ""}, line{result.RequestID, "and two"})
			continue
		}
		want = append(want, line{result.RequestID, "and " + text})
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}

	long := strings.Repeat("x", lineLimit+10)
	lines = nil
	invoke(t, f, `{"Do":"print","Text":"`+long+`"}`)
	if len(lines) != 4 || len(lines[0].text) != lineLimit || lines[0].text+lines[1].text != long {
		t.Errorf("a long line came in %d pieces", len(lines))
	}
}

func TestFunctionFreezesAtRest(t *testing.T) {
	for _, c := range []struct {
		noFreeze bool
		want     string
	}{{false, "T"}, {true, "S"}} {
		f := startFunction(t, FunctionOptions{NoFreeze: c.noFreeze, Timeout: time.Minute})
		about := aboutProcess(t, f)
		awaitRest(f)
		if got := processState(t, about.PID, c.want); got != c.want {
			t.Errorf("NoFreeze %v: process is %q, want %q", c.noFreeze, got, c.want)
		}
		if again := aboutProcess(t, f); again.PID != about.PID {
			t.Error("the warm process was not used again")
		}
	}
}

// processState is the letter of /proc/PID/stat. A signal takes effect, and a
// thread goes to sleep, a moment after it was told to: so it is asked for until it is want.
func processState(t *testing.T, pid int, want string) (state string) {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience && state != want; {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		state = after[:1]
	}
	return state
}

func TestFunctionRunsAsManyProcessesAsAllowed(t *testing.T) {
	var mu sync.Mutex
	started := make(chan Started, 10)
	pids := map[int]bool{}
	f := startFunction(t, FunctionOptions{Processes: 3, Timeout: time.Minute, OnStart: func(s Started) {
		mu.Lock()
		defer mu.Unlock()
		pids[s.PID] = true
		started <- s
	}})
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			if _, err := f.Invoke(t.Context(), []byte(`{"Do":"hang"}`)); err != nil {
				t.Error(err)
			}
		})
	}
	for n := range 4 {
		s := <-started
		if n < 2 {
			continue // all three are busy from here on
		}
		if busy := f.Busy(); busy != 3 && n == 2 {
			t.Errorf("%d busy", busy)
		}
		if !f.Kill(s.RequestID) {
			t.Errorf("%s could not be killed", s.RequestID)
		}
	}
	f.Close()
	calls.Wait()
	if len(pids) != 4 || f.Busy() != 0 {
		t.Errorf("%d processes ran, %d are busy", len(pids), f.Busy())
	}
}

func TestFunctionKill(t *testing.T) {
	var ended Ended
	var f *Function
	f = startFunction(t, FunctionOptions{
		Timeout: time.Minute,
		OnStart: func(s Started) {
			if f.Kill("another") || !f.Kill(s.RequestID) {
				t.Error("killed the wrong one")
			}
		},
		OnEnd: func(e Ended) {
			if _, err := os.Stat(fmt.Sprintf("/proc/%d/exe", e.PID)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the killed process is still there: %v", err)
			}
			ended = e
		},
	})
	got := invoke(t, f, `{"Do":"hang"}`)
	if text := functionErrorOf(got); !strings.HasSuffix(text, "signal: killed") || got.FunctionError != "Unhandled" {
		t.Errorf("got %q", text)
	}
	if !ended.Killed || ended.TimedOut || ended.RequestID != got.RequestID || ended.PeakRSS < 1<<20 {
		t.Errorf("ended %+v", ended)
	}
	if f.Kill(got.RequestID) {
		t.Error("killed what was over")
	}
}

func TestFunctionReplacesAProcessThatDiedAtRest(t *testing.T) {
	f := startFunction(t, FunctionOptions{Timeout: time.Minute})
	first := aboutProcess(t, f)
	awaitRest(f)
	process, err := os.FindProcess(first.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	f.running.Wait()
	if second := aboutProcess(t, f); second.PID == first.PID {
		t.Error("a killed process answered")
	}
}

func TestFunctionEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := startFunction(t, FunctionOptions{Timeout: time.Minute, OnStart: func(Started) { cancel() }})
	result, err := f.Invoke(ctx, []byte(`{"Do":"hang"}`))
	if err != nil || result.FunctionError == "" {
		t.Errorf("%+v, %v", result, err)
	}
	awaitRest(f)
	if _, err := f.Invoke(ctx, []byte(`{}`)); err == nil {
		t.Error("invoked with a context that had ended")
	}
	f.Close()
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrFunctionClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestFunctionKnowsItsPeak(t *testing.T) {
	f := startFunction(t, FunctionOptions{Timeout: time.Minute})
	invoke(t, f, `{"Do":"return","Text":"1"}`)
	before := f.PeakRSS()
	invoke(t, f, `{"Do":"use","MiB":64}`)
	if after := f.PeakRSS(); before <= 0 || after < before+60<<20 {
		t.Errorf("from %d to %d bytes", before, after)
	}
}
