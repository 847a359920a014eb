package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/operate/checkup"
)

// A surgery is a deployment that nobody polls, for doctor to look at.
type surgery struct {
	*stack.Stack
	env    []string
	mu     sync.Mutex
	end    local.Behaviour // of connections to Devo
	record []string
}

func newSurgery(t *testing.T) *surgery {
	t.Helper()
	s := &surgery{}
	var err error
	s.Stack, err = stack.Start(stack.Options{
		Bootstrap: bootstrap, Devo: []string{"confirm_timeout: 1s"}, Receiver: local.ReceiverOptions{
			Behave: func(int64) local.Behaviour {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.end
			},
			OnRecord: func(r local.Record) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.record = append(s.record, string(r.Tag)+" "+string(r.Raw))
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.as(s.Account.Root())
	return s
}

func (s *surgery) as(key local.Credentials) {
	s.env = []string{
		"AWS_ENDPOINT_URL=" + s.Account.Endpoint(), "AWS_REGION=" + stack.Region, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey,
	}
}

// examine runs doctor and gives its checks.
func (s *surgery) examine(t *testing.T, args ...string) (checks []checkup.Check) {
	t.Helper()
	out, said, _ := command(t, s.env, append([]string{"doctor", "--json", "--config", filepath.Join(s.Dir, "config.yaml")}, args...)...)
	var v struct{ Checks []checkup.Check }
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v\n%s%s", err, out, said)
	}
	return v.Checks
}

func find(t *testing.T, checks []checkup.Check, name string, status checkup.Status, says string) {
	t.Helper()
	if !slices.ContainsFunc(checks, func(c checkup.Check) bool {
		return c.Name == name && c.Status == status && strings.Contains(c.Says+" | "+c.Mend, says)
	}) {
		t.Errorf("no %s that is %s and says %q in %+v", name, status, says, checks)
	}
}

// TestDoctorAndTheEndOfAConnection: the function says what Devo does with it.
func TestDoctorAndTheEndOfAConnection(t *testing.T) {
	s := newSurgery(t)
	for _, c := range []struct {
		end    local.Behaviour
		status checkup.Status
		says   string
	}{
		{local.Behaviour{}, checkup.OK, "with a record, tag test.keep.free was ended with EOF"},
		{local.Behaviour{Do: local.ActSilent}, checkup.Wrong, "silence for 1s"},
		{local.Behaviour{Do: local.ActReset, After: 1}, checkup.Wrong, "a reset"},
		{local.Behaviour{TLS: local.TLSRefuse}, checkup.Wrong, "refuses our certificate"},
		{local.Behaviour{TLS: local.TLSExpired}, checkup.Wrong, "expired"},
	} {
		s.mu.Lock()
		s.end, s.record = c.end, nil
		s.mu.Unlock()
		checks := s.examine(t, "--confirm")
		find(t, checks, checkup.Devo, c.status, c.says)
		s.mu.Lock()
		if c.status == checkup.OK && (len(s.record) != 1 || !strings.HasPrefix(s.record[0], "test.keep.free collector doctor, deployment acme, version ")) {
			t.Errorf("Devo got %q", s.record)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	s.end, s.record = local.Behaviour{}, nil
	s.mu.Unlock()
	find(t, s.examine(t), checkup.Devo, checkup.OK, "without a record was ended with EOF")
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.record) > 0 {
		t.Errorf("Devo got %q", s.record)
	}
}

// TestDoctorAndCloseNotify: what was learned of an endpoint is shown, and forgotten
// when somebody asks; the function's log says so.
func TestDoctorAndCloseNotify(t *testing.T) {
	s := newSurgery(t)
	endpoint := s.Receiver.Addr()
	ends := func(act local.Act) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.end = local.Behaviour{Do: act}
	}
	find(t, s.examine(t), checkup.Devo, checkup.OK, "close_notify first; none was ever seen, so none is required")
	for _, variable := range s.env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	acct, err := account.New(t.Context(), account.Options{Region: stack.Region})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acct.Endpoints(stack.LedgerTable).Learn(t.Context(), endpoint); err != nil {
		t.Fatal(err)
	}
	find(t, s.examine(t), checkup.Devo, checkup.OK, "close_notify first; required, because it was seen first at ")
	ends(local.ActBare)
	find(t, s.examine(t), checkup.Devo, checkup.Wrong, "without close_notify; required, because it was seen first at ")
	find(t, s.examine(t), checkup.Devo, checkup.Wrong, "docs/operations.md#unnotified")
	checks := s.examine(t, "--forget", endpoint)
	find(t, checks, checkup.Forgotten, checkup.OK, "need not send close_notify any more")
	find(t, checks, checkup.Devo, checkup.OK, "without close_notify; none was ever seen")
	find(t, s.examine(t, "--forget", endpoint), checkup.Forgotten, checkup.OK, "it was not known to send")
	if _, said, code := command(t, s.env, "doctor", "--config", filepath.Join(s.Dir, "config.yaml"), "--forget", "other.example:443"); code == 0 || !strings.Contains(said, "none of the file's endpoints") {
		t.Errorf("exit %d: %s", code, said)
	}
}

// TestDoctorDoesNotSee: what a permission is missing for is not wrong.
func TestDoctorDoesNotSee(t *testing.T) {
	s := newSurgery(t)
	const person = "arn:aws:iam::" + stack.DevoAccount + ":role/visitor"
	s.Account.CreateRole(local.Role{ARN: person, Allow: []local.Statement{{Actions: []string{"sts:GetCallerIdentity"}, Resources: []string{"*"}}}})
	s.as(s.Account.CreateKey(person))
	out, said, code := command(t, s.env, "doctor", "--config", filepath.Join(s.Dir, "config.yaml"))
	if code != 0 || !strings.Contains(out, "unseen  function ") || !strings.Contains(out, "ok      credentials   "+person) {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	checks := s.examine(t)
	for _, name := range []string{checkup.Notification, checkup.Queue, checkup.DLQ, checkup.Mapping, checkup.Table, checkup.Ledger, checkup.Secret, checkup.Devo} {
		find(t, checks, name, checkup.Unseen, "cannot see: ")
	}
	find(t, checks, checkup.Function, checkup.Unseen, "lambda:InvokeFunction")
	for _, c := range checks {
		if c.Status == checkup.Wrong {
			t.Errorf("%+v", c)
		}
	}
}

// TestDoctorOfABrokenFunction says so, and looks for itself.
func TestDoctorOfABrokenFunction(t *testing.T) {
	s := newSurgery(t)
	if err := os.Rename(filepath.Join(s.Dir, "config.yaml"), filepath.Join(s.Dir, "other.yaml")); err != nil {
		t.Fatal(err)
	}
	out, said, code := command(t, s.env, "doctor", "--json", "--config", filepath.Join(s.Dir, "other.yaml"))
	var v struct{ Checks []checkup.Check }
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 1 {
		t.Fatalf("%v, exit %d\n%s%s", err, code, out, said)
	}
	find(t, v.Checks, checkup.Function, checkup.Wrong, "failed: ")
	find(t, v.Checks, checkup.Devo, checkup.OK, "EOF")
	find(t, v.Checks, checkup.Mapping, checkup.Wrong, "nobody polls the queue | npx cdk deploy acme-collector")
}

func TestDoctorOfAFileWithMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "acme.yaml")
	if err := os.WriteFile(file, []byte("customer: ACME\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, said, code := command(t, nil, "doctor", "--config", file)
	if code != 1 || !strings.Contains(out, "WRONG   file") || !strings.Contains(out, "collector validate "+file) {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
}

func TestVersion(t *testing.T) {
	out, _, code := command(t, nil, "version")
	if code != 0 || !strings.HasPrefix(out, "collector ") || !strings.Contains(out, "\ngo1.") || !strings.Contains(out, "\nrevision ") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
