package local

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
)

// A refusal is an error that the account answers itself, in the service's own
// protocol.
type refusal struct {
	status        int
	code, message string
	elements      []element // further ones of S3's XML error
}

type element struct{ name, value string }

// why a caller is refused, for whatever service.
type why int

const (
	unsigned why = iota
	unknownKey
	badSignature
	skewed
	badToken
	expired
	denied
)

// codes are what each family of services calls the same refusal: S3, the
// query protocol of STS, and JSON services.
var codes = map[why]struct{ s3, query, json string }{
	unsigned:     {"AccessDenied", "MissingAuthenticationToken", "MissingAuthenticationTokenException"},
	unknownKey:   {"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"},
	badSignature: {"SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"},
	skewed:       {"RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException"},
	badToken:     {"InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException"},
	expired:      {"ExpiredToken", "ExpiredToken", "ExpiredTokenException"},
	denied:       {"AccessDenied", "AccessDenied", "AccessDeniedException"},
}

// deny is the refusal as service words it.
func deny(service string, reason why, message string) *refusal {
	status := http.StatusForbidden
	switch service {
	case "s3":
		if reason == expired || reason == badToken {
			status = http.StatusBadRequest
		}
		return &refusal{status: status, code: codes[reason].s3, message: message}
	case "sns":
		if reason == denied {
			return &refusal{status: status, code: "AuthorizationError", message: message}
		}
		return &refusal{status: status, code: codes[reason].query, message: message}
	case "sts":
		return &refusal{status: status, code: codes[reason].query, message: message}
	case "sqs", "lambda":
		return &refusal{status: status, code: codes[reason].json, message: message}
	default:
		return &refusal{status: http.StatusBadRequest, code: codes[reason].json, message: message}
	}
}

func (e *refusal) write(w http.ResponseWriter, r *http.Request, service string) {
	switch service {
	case "s3":
		e.writeS3(w, r)
	case "sts", "sns":
		writeQuery(w, e.status, stsError{
			Type: "Sender", Code: e.code, Message: e.message, RequestID: w.Header().Get("X-Amzn-Requestid"),
		})
	default:
		e.writeJSON(w, service)
	}
}

// writeS3 writes S3's error document.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (e *refusal) writeS3(w http.ResponseWriter, r *http.Request) {
	id := w.Header().Get("X-Amzn-Requestid")
	w.Header().Set("X-Amz-Request-Id", id)
	if r.Method == http.MethodHead {
		w.WriteHeader(e.status)
		return
	}
	var b strings.Builder
	b.WriteString(xml.Header + "<Error>")
	for _, el := range append([]element{
		{"Code", e.code}, {"Message", e.message}, {"Resource", r.URL.Path}, {"RequestId", id}, {"HostId", id},
	}, e.elements...) {
		b.WriteString("<" + el.name + ">")
		// A strings.Builder does not fail.
		_ = xml.EscapeText(&b, []byte(el.value))
		b.WriteString("</" + el.name + ">")
	}
	b.WriteString("</Error>")
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.status)
	_, _ = w.Write([]byte(b.String()))
}

// writeJSON writes the error of a JSON service. SQS adds the name that its
// former query protocol had for it, which SDKs prefer.
func (e *refusal) writeJSON(w http.ResponseWriter, service string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if service == "sqs" {
		w.Header().Set("X-Amzn-Query-Error", queryCode(e.code)+";Sender")
	}
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": e.code, "message": e.message})
}

func queryCode(code string) string {
	for _, c := range codes {
		if c.json == code {
			return c.query
		}
	}
	return code
}
