package account

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// wholeAnswers reads each answer to its end before the SDK sees it. The SDK
// repeats a call whose connection broke, but not one whose answer it began to
// decode: it fails with "deserialization failed" then, although the next try
// would most likely succeed.
//
// The answers are small: a page of a listing, an item of a table. Objects are
// not; see streamed.
type wholeAnswers struct{ aws.HTTPClient }

func (c wholeAnswers) Do(r *http.Request) (*http.Response, error) {
	answer, err := c.HTTPClient.Do(r)
	if err != nil {
		return nil, err
	}
	return whole(answer)
}

// streamed leaves the body of an object to whoever reads it. A refusal is read
// to its end like any other answer.
type streamed struct{ aws.HTTPClient }

func (c streamed) Do(r *http.Request) (*http.Response, error) {
	answer, err := c.HTTPClient.Do(r)
	if err != nil || answer.StatusCode < http.StatusMultipleChoices {
		return answer, err
	}
	return whole(answer)
}

// whole is the answer with its body in memory. Its error is that of a
// connection that broke, which the SDK tries again.
func whole(answer *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}
