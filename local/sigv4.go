package local

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Credentials are an access key; SessionToken is empty unless STS gave it.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// A key is what the account knows of an access key.
type key struct {
	credentials Credentials
	who         caller
	expires     time.Time // real time; zero = never
}

// clockSkew is how far AWS lets a request's date be from its own.
const clockSkew = 15 * time.Minute

// addKey registers k under new credentials; one that expires gets a token.
func (a *Account) addKey(k key) Credentials {
	k.credentials = Credentials{AccessKeyID: "AKIA" + rand.Text()[:16], SecretAccessKey: a.mark + rand.Text() + rand.Text()[:14]}
	if !k.expires.IsZero() {
		k.credentials.AccessKeyID = "ASIA" + k.credentials.AccessKeyID[4:]
		k.credentials.SessionToken = a.mark + rand.Text() + rand.Text()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[k.credentials.AccessKeyID] = k
	return k.credentials
}

// A signature is a request's Authorization header, taken apart.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
type signature struct {
	keyID, region, service string
	headers                []string // lower-case names, as signed
	hex                    string
}

func parseSignature(r *http.Request) (signature, error) {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return signature{}, errors.New("no AWS4-HMAC-SHA256 signature")
	}
	part := map[string]string{}
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		part[name] = value
	}
	scope := strings.Split(part["Credential"], "/") // key id, date, region, service, aws4_request
	if len(scope) != 5 || scope[4] != "aws4_request" || part["Signature"] == "" {
		return signature{}, errors.New("malformed Authorization header")
	}
	return signature{
		keyID: scope[0], region: scope[2], service: scope[3],
		headers: strings.Split(part["SignedHeaders"], ";"), hex: part["Signature"],
	}, nil
}

// authenticate says whose credentials signed r: it signs the same request
// with the secret that it knows and compares.
func (a *Account) authenticate(r *http.Request, sig signature, body []byte) (caller, *refusal) {
	a.mu.Lock()
	k, ok := a.keys[sig.keyID]
	a.mu.Unlock()
	if !ok {
		return caller{}, deny(sig.service, unknownKey, "The AWS Access Key Id you provided does not exist in our records.")
	}
	signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return caller{}, deny(sig.service, unsigned, "AWS authentication requires a valid Date or x-amz-date header")
	}
	// A client that took its time from an answer of the shifted clock signs
	// with any time between the real one and the account's.
	if signed.Before(time.Now().Add(-clockSkew)) || signed.After(a.clock.Now().Add(clockSkew)) {
		return caller{}, deny(sig.service, skewed, "The difference between the request time and the current time is too large.")
	}
	if r.Header.Get("X-Amz-Security-Token") != k.credentials.SessionToken {
		return caller{}, deny(sig.service, badToken, "The security token included in the request is invalid.")
	}
	if !hmac.Equal([]byte(a.sign(r, sig, k.credentials, body, signed)), []byte(sig.hex)) {
		return caller{}, deny(sig.service, badSignature, "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
	}
	if !k.expires.IsZero() && time.Now().After(k.expires) {
		return caller{}, deny(sig.service, expired, "The security token included in the request is expired")
	}
	k.who.Region = sig.region
	return k.who, nil
}

// sign is the signature that r should carry. S3 alone names its payload's hash,
// which is believed since a body may be endless, and does not escape its path
// twice.
func (a *Account) sign(r *http.Request, sig signature, c Credentials, body []byte, at time.Time) string {
	same := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{}, ContentLength: -1}
	same.URL = new(*r.URL)
	for name, values := range r.Header {
		if slices.Contains(sig.headers, strings.ToLower(name)) {
			same.Header[name] = values
		}
	}
	if slices.Contains(sig.headers, "content-length") {
		same.ContentLength = r.ContentLength
	}
	if !slices.Contains(sig.headers, "x-amz-security-token") {
		c.SessionToken = ""
	}
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if sig.service != "s3" {
		sum := sha256.Sum256(body)
		hash = hex.EncodeToString(sum[:])
	}
	err := a.signer.SignHTTP(r.Context(), aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken,
	}, same, hash, sig.service, sig.region, at,
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = sig.service == "s3" })
	if err != nil {
		return ""
	}
	_, got, _ := strings.Cut(same.Header.Get("Authorization"), "Signature=")
	return got
}
