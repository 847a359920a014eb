package events

// apiCall is how the detail-type ends of what CloudTrail sends to EventBridge
// about a call of S3's API: "AWS API Call via CloudTrail", in China "Amazon API
// Call via CloudTrail". Some vendors' rules forward it instead of "Object Created".
const apiCall = "API Call via CloudTrail"

// An apiCallEvent is that event. Its key is not escaped.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type apiCallEvent struct {
	Detail struct {
		EventName  string `json:"eventName"`
		EventTime  stamp  `json:"eventTime"`
		AWSRegion  string `json:"awsRegion"`
		ErrorCode  string `json:"errorCode"`
		Parameters struct {
			BucketName string `json:"bucketName"`
			Key        string `json:"key"`
		} `json:"requestParameters"`
		Response struct {
			VersionID string `json:"x-amz-version-id"`
		} `json:"responseElements"`
	} `json:"detail"`
}

func decodeAPICall(body string) (Notification, error) {
	e, err := read[apiCallEvent]([]byte(body))
	call := e.Detail
	switch what := callMeaning(call.EventName); {
	case what == unknown:
		return Notification{}, unknownEvent("eventName of an API call", call.EventName)
	case what == harmless:
		return ignored(EventBridge, call.EventName), nil
	case call.ErrorCode != "":
		return ignored(EventBridge, call.EventName+" failed: "+call.ErrorCode), nil
	}
	return Notification{Form: EventBridge, Objects: []Object{settled(Object{
		Bucket:    call.Parameters.BucketName,
		Key:       call.Parameters.Key,
		VersionID: call.Response.VersionID,
		Size:      -1,
		Region:    call.AWSRegion,
		EventTime: call.EventTime.Time,
	}, err)}}, nil
}
