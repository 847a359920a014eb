package local

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func TestFunctionIsInvoked(t *testing.T) {
	a := startAccount(t)
	a.AddFunction(lambdaARN+":live", func(_ context.Context, payload []byte) (Result, error) {
		if string(payload) == `"fail"` {
			return Result{Payload: []byte(`{"errorType":"E"}`), FunctionError: "Unhandled"}, nil
		}
		return Result{Payload: payload}, nil
	})
	const role = "arn:aws:iam::123456789012:role/person"
	a.CreateRole(Role{ARN: role, Allow: []Statement{{Actions: []string{"lambda:InvokeFunction"}, Resources: []string{lambdaARN + ":live"}}}})
	other := "arn:aws:iam::123456789012:role/other"
	a.CreateRole(Role{ARN: other, Allow: []Statement{{Actions: []string{"lambda:InvokeFunction"}, Resources: []string{lambdaARN + ":old"}}}})
	c := lambdaClient(t, a, a.CreateKey(role))
	for _, in := range []lambda.InvokeInput{
		{FunctionName: aws.String(lambdaARN + ":live")},
		{FunctionName: aws.String("collector:live")},
		{FunctionName: aws.String("collector"), Qualifier: aws.String("live")},
	} {
		in.Payload = []byte(`{"a":1}`)
		out, err := c.Invoke(t.Context(), &in)
		if err != nil || string(out.Payload) != `{"a":1}` || out.FunctionError != nil || out.StatusCode != http.StatusOK {
			t.Errorf("%s: %+v, %v", *in.FunctionName, out, err)
		}
	}
	out, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("collector:live"), Payload: []byte(`"fail"`)})
	if err != nil || aws.ToString(out.FunctionError) != "Unhandled" {
		t.Errorf("%+v, %v", out, err)
	}
	var missing *types.ResourceNotFoundException
	if _, err := lambdaClient(t, a, a.Root()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("collector:old")}); !errors.As(err, &missing) {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := lambdaClient(t, a, a.CreateKey(other)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("collector:live")}); err == nil {
		t.Error("invoked without permission")
	}
}
