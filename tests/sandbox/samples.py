"""The published code samples, as people paste them: structure, headers and names kept, words and links ours.

`HOST` stands where a sample names its API's address, and is all that is changed to run it.
"""

from __future__ import annotations

from dataclasses import dataclass

HOST = "@HOST@"


@dataclass(frozen=True)
class Sample:
    """One sample: what runs it and what its last line shows."""

    name: str
    language: str
    """``sh``, ``js`` or ``py``."""
    code: str
    field: str
    """Where the job is in the answer's data."""
    capability: str


_QUERY = (
    "mutation Generate($input: GenerateInput!) "
    "{ generate(input: $input) { id status type provider url metadata creditCost } }"
)
"""On one line in the samples for curl."""
CURL_TEXT = r"""
curl -X POST @HOST@/graphql \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Idempotency-Key: unique-request-id-123" \
  -d '{
    "query": "@QUERY@",
    "variables": {
      "input": {
        "type": "VIDEO",
        "provider": "runway",
        "input": {
          "text": "A quiet harbour with fishing boats at dawn"
        },
        "options": {
          "duration": 5,
          "aspectRatio": "16:9"
        }
      }
    }
  }'
"""

CURL_IMAGE = r"""
curl -X POST @HOST@/graphql \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Idempotency-Key: unique-request-id-123" \
  -d '{
    "query": "@QUERY@",
    "variables": {
      "input": {
        "type": "VIDEO",
        "provider": "runway-i2v",
        "input": {
          "image": "https://pictures.example.com/harbour.jpg"
        },
        "options": {
          "duration": 5,
          "motionIntensity": "medium"
        }
      }
    }
  }'
"""

JS_TEXT = """
const response = await fetch('@HOST@/graphql', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'Authorization': 'Bearer YOUR_API_KEY',
    'Idempotency-Key': 'unique-request-id-123'
  },
  body: JSON.stringify({
    query: `
      mutation Generate($input: GenerateInput!) {
        generate(input: $input) {
          id
          status
          type
          provider
          url
          metadata
          creditCost
        }
      }
    `,
    variables: {
      input: {
        type: 'VIDEO',
        provider: 'runway',
        input: {
          text: 'A quiet harbour with fishing boats at dawn'
        },
        options: {
          duration: 5,
          aspectRatio: '16:9'
        }
      }
    }
  })
});

const data = await response.json();
console.log('Result:', data.data.generate);
"""

JS_IMAGE = """
const response = await fetch('@HOST@/graphql', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'Authorization': 'Bearer YOUR_API_KEY'
  },
  body: JSON.stringify({
    query: `
      mutation AnimateImage($input: ImageAnimationInput!) {
        animateImage(input: $input) {
          id
          status
          url
        }
      }
    `,
    variables: {
      input: {
        service: 'runway-i2v',
        imageUrl: 'https://pictures.example.com/harbour.jpg',
        duration: 5,
        motionIntensity: 'medium'
      }
    }
  })
});

const data = await response.json();
console.log('Animated Video:', data.data.animateImage);
"""

_PY = '''
import requests
import json

url = "@HOST@/graphql"
headers = {
    "Content-Type": "application/json",
    "Authorization": "Bearer YOUR_API_KEY"
}

query = """
mutation Generate($input: GenerateInput!) {
  generate(input: $input) {
    id
    status
    type
    provider
    url
    metadata
    creditCost
  }
}
"""

variables = {
    "input": {
        "type": "VIDEO",
        "provider": "%s",
        "input": {
            %s
        },
        "options": {
            "duration": 5,
            %s
        }
    }
}

response = requests.post(url, json={
    "query": query,
    "variables": variables
}, headers=headers)

data = response.json()
print("Result:", data["data"]["generate"])
'''
PY_TEXT = _PY % (
    "runway",
    '"text": "A quiet harbour with fishing boats at dawn"',
    '"aspectRatio": "16:9"',
)
PY_IMAGE = _PY % (
    "runway-i2v",
    '"imageUrl": "https://pictures.example.com/harbour.jpg"',
    '"motionIntensity": "medium"',
)

SAMPLES = (
    Sample("text, curl", "sh", CURL_TEXT.replace("@QUERY@", _QUERY), "generate", "text_to_video"),
    Sample("text, JavaScript", "js", JS_TEXT, "generate", "text_to_video"),
    Sample("text, Python", "py", PY_TEXT, "generate", "text_to_video"),
    Sample(
        "image, curl", "sh", CURL_IMAGE.replace("@QUERY@", _QUERY), "generate", "image_to_video"
    ),
    Sample("image, JavaScript", "js", JS_IMAGE, "animateImage", "image_to_video"),
    Sample("image, Python", "py", PY_IMAGE, "generate", "image_to_video"),
)

DOCUMENT = """
mutation Generate($input: GenerateInput!) {
  generate(input: $input) {
    id
    status
    type
    provider
    url
    metadata
    creditCost
    createdAt
  }
}
"""
"""The GraphQL samples: the document, and the variables that stand below it."""
DOCUMENT_TEXT = """
{
  "input": {
    "type": "VIDEO",
    "provider": "runway",
    "input": {
      "text": "A quiet harbour with fishing boats at dawn"
    },
    "options": {
      "duration": 5,
      "aspectRatio": "16:9",
      "version": "gen-4",
      "quality": "high"
    }
  }
}
"""
DOCUMENT_IMAGE = """
{
  "input": {
    "type": "VIDEO",
    "provider": "runway-i2v",
    "input": {
      "imageUrl": "https://pictures.example.com/harbour.jpg"
    },
    "options": {
      "duration": 5,
      "motionIntensity": "medium",
      "version": "gen-4"
    }
  }
}
"""

RELAY_CREATE = r"""
curl --request POST \
  --url @HOST@/runwayml/v1/image_to_video \
  --header 'Authorization: Bearer hk-your-key' \
  --header 'Content-Type: application/json' \
  --data '{
  "promptImage": [
    {"uri":"https://pictures.example.com/open.png","position":"first"},
    {"uri":"https://pictures.example.com/open.png","position":"last"}
  ],
  "seed": 4294967295,
  "model": "gen3a_turbo",
  "promptText": "wave",
  "watermark": false,
  "duration": 5,
  "ratio": "1280:768"
}'
"""
RELAY_LOOK = r"""
curl --request GET \
  --url @HOST@/runwayml/v1/tasks/@ID@ \
  --header 'Authorization: Bearer hk-your-key' \
  --header 'Content-Type: application/json' \

"""
