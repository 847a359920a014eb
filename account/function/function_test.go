package function

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/internal/emulated"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/watch"
)

const name = "arn:aws:lambda:us-east-1:123456789012:function:collector:live"

// attached maps a new queue to the function.
func attached(t *testing.T, a *local.Account, acct *account.Account, queue string) string {
	t.Helper()
	arn := a.CreateQueue(queue, local.QueueOptions{})
	m, err := local.StartMapping(local.MappingOptions{
		SQS: sqs.NewFromConfig(acct.Config()), QueueURL: a.QueueURL(arn), QueueARN: arn, Pollers: 1, Clock: a.Clock(),
		Invoke: func(context.Context, []byte) ([]byte, string, error) { return nil, "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	a.Attach(name, m)
	return arn
}

// Mappings are those of the queues that are asked for, and settings are of all.
func TestMappings(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	a, acct := emulated.Start(t, local.Options{})
	ours, theirs := attached(t, a, acct, "ours"), attached(t, a, acct, "theirs")
	f := New(acct, name)
	m := f.Mappings([]string{ours})
	all, err := m.List(t.Context())
	if err != nil || len(all) != 1 || all[0].Queue != ours || all[0].Status != watch.On {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := m.Set(t.Context(), all[0].ID, false); err != nil {
		t.Fatal(err)
	}
	if all, err = m.List(t.Context()); err != nil || all[0].Status != watch.Off {
		t.Errorf("%+v, %v", all, err)
	}
	if err := m.Set(t.Context(), "none", true); err == nil || !account.IsMissing(err) || !strings.Contains(err.Error(), "mapping none to enabled true") {
		t.Errorf("a mapping there is not: %v", err)
	}
	settings, err := f.MappingSettings(t.Context())
	if err != nil || len(settings) != 2 || settings[0].State != "Disabling" || settings[1].State != "Enabled" || settings[1].Queue != theirs {
		t.Errorf("%+v, %v", settings, err)
	}
	a.SetFault(func(local.FaultRequest) *local.FaultResponse {
		return &local.FaultResponse{Status: 403, Code: "AccessDeniedException"}
	})
	if all, err := m.List(t.Context()); all != nil || !account.IsDenied(err) {
		t.Errorf("%v, %v", all, err)
	}
}

func TestStatusOf(t *testing.T) {
	for state, want := range map[string]watch.Status{
		"Enabled": watch.On, "Enabling": watch.On, "Disabled": watch.Off, "Disabling": watch.Off,
		"Creating": watch.Busy, "Updating": watch.Busy, "Deleting": watch.Busy, "": watch.Busy,
	} {
		if got := statusOf(state); got != want {
			t.Errorf("%s is %v", state, got)
		}
	}
}

// What a function says went wrong with it is told from a call that failed.
func TestInvoke(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	a, acct := emulated.Start(t, local.Options{})
	a.AddFunction(name, func(_ context.Context, payload []byte) (local.Result, error) {
		if string(payload) == "{}" {
			return local.Result{Payload: []byte(`{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}`), FunctionError: "Unhandled"}, nil
		}
		return local.Result{Payload: slices.Concat([]byte("it got "), payload)}, nil
	})
	f := New(acct, name)
	if out, err := f.Invoke(t.Context(), []byte("[]")); err != nil || string(out) != "it got []" {
		t.Errorf("%s, %v", out, err)
	}
	var failed *Error
	if _, err := f.Invoke(t.Context(), []byte("{}")); !errors.As(err, &failed) || failed.Says != "Runtime.ExitError: signal: killed" {
		t.Errorf("%v", err)
	}
	if _, err := New(acct, "none").Invoke(t.Context(), []byte("{}")); errors.As(err, &failed) || !account.IsMissing(err) || !strings.Contains(err.Error(), "invoke none") {
		t.Errorf("%v", err)
	}
}
