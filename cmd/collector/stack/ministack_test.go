//go:build ministack

package stack_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/devo-s3/collector/cmd/collector/stack"
	emulators "github.com/devo-s3/collector/internal/emulator"
)

// root is the checkout, seen from here.
const root = "../../.."

// An emulator is https://github.com/ministackorg/ministack, from `make test`'s
// virtual environment. It holds several accounts, asks every call for its
// permission by the policies of both sides, and runs functions and mappings
// itself.
type emulator struct {
	*testing.T
	endpoint string // behind TLS: the policies deny what is not
	client   *http.Client
	bundle   string // the PEM file of the certificate there
}

func startEmulator(t *testing.T) *emulator {
	t.Helper()
	address := emulators.Address(t)
	e := &emulator{T: t, bundle: filepath.Join(t.TempDir(), "bundle.pem")}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		r.Out.Host = r.In.Host // it is signed
		r.Out.Header.Set("X-Forwarded-Proto", "https")
	}})
	t.Cleanup(front.Close)
	e.endpoint, e.client = front.URL, front.Client()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(e.bundle, certificate, 0o600); err != nil {
		t.Fatal(err)
	}

	emulators.Ministack(t, root, address, "AUTH=true", "MINISTACK_REGION="+stack.Region,
		"AWS_ENDPOINT_URL="+e.endpoint, "AWS_CA_BUNDLE="+e.bundle) // the functions', which inherit them
	return e
}

// until looks again and again whether something holds.
func (e *emulator) until(limit time.Duration, what string, holds func() bool) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), limit)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			e.Fatalf("%v later, it does not hold that %s", limit, what)
		}
	}
}

// as is for calls of somebody: of an account's root, whose key is the account's
// number, or with a session.
func (e *emulator) as(key aws.Credentials) aws.Config {
	return aws.Config{
		Region: stack.Region, BaseEndpoint: aws.String(e.endpoint), HTTPClient: e.client,
		Credentials: credentials.StaticCredentialsProvider{Value: key},
	}
}

// of is the root of an account.
func of(account string) aws.Credentials {
	return aws.Credentials{AccessKeyID: account, SecretAccessKey: "test"}
}

// cdk runs the CDK's command line as somebody in an account would.
func (e *emulator) cdk(account string, args ...string) {
	e.Helper()
	cdk := exec.CommandContext(e.Context(), filepath.Join("node_modules", ".bin", "cdk"), args...)
	cdk.Dir = root
	cdk.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"AWS_ENDPOINT_URL=" + e.endpoint, "AWS_CA_BUNDLE=" + e.bundle, "NODE_EXTRA_CA_CERTS=" + e.bundle,
		"AWS_REGION=" + stack.Region, "AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=test",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
	}
	if out, err := cdk.CombinedOutput(); err != nil {
		e.Fatalf("cdk %s: %v (make test installs it)\n%s", strings.Join(args, " "), err, out)
	}
}
