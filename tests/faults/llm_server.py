"""A small OpenAI-compatible server in a separate process, for tests of the client.

    python -m tests.faults.llm_server --model FOLDER       a causal model, limited to the schema
    python -m tests.faults.llm_server --echo [--delay S]   responds with sentences of the paper

It prints its address when it listens. Its only model is named "toy". The list of models has the
number of completions so far under "completions".
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ABSTRACT = re.compile(r"<abstract>(.*?)</abstract>", re.S)
TERMS = re.compile(r"^Terms: (.*)$", re.M)
FIRST_PAPER = re.compile(r"<papers>\n\[1\] [^\n]*?: ([A-Z][^\n]*)")
FACT = re.compile(r"^\[(\d+)\] (.*)$", re.M)
NUMBER = re.compile(r"^\[\d+\] ", re.M)
INVENTED = "SockNet improves accuracy by 99.9% over everything [1]."
Completion = Callable[[dict[str, Any]], str]


def echo(body: dict[str, Any]) -> str:
    """The first two sentences of the abstract as line and result; of terms the first two.

    Of papers to answer from, the first sentence of the first one, and one that is invented. Of
    facts, each as a sentence.
    """
    prompt = body["messages"][-1]["content"]
    if prompt.startswith("<facts-"):
        facts = [{"from": [int(n)], "text": text} for n, text in FACT.findall(prompt)]
        return json.dumps({"sentences": facts})
    found, terms = ABSTRACT.search(prompt), TERMS.search(prompt)
    numbered = NUMBER.sub("", found[1].strip()) if found else ""
    sentences = [*re.split(r"(?<=[.])\s+", numbered), ""]
    if terms:
        sentences[0] = " and ".join(terms[1].split("; ")[:2])
    if papers := FIRST_PAPER.search(prompt):
        sentences = [f"{papers[1].split('. ')[0]} [1].", INVENTED]
    required = body["response_format"]["json_schema"]["schema"]["required"]
    fields = dict.fromkeys(required, "")
    if "name" in fields:
        return json.dumps({"name": sentences[0]})
    return json.dumps(fields | {"tldr": sentences[0], "result": sentences[1]})


def causal(folder: str) -> Completion:
    """Greedy decoding with the model in `folder`, under the grammar of the request's schema."""
    import xgrammar
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from xgrammar.contrib.hf import LogitsProcessor

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    known = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=model.config.vocab_size)
    compiler = xgrammar.GrammarCompiler(known)

    def complete(body: dict[str, Any]) -> str:
        encoded = tokenizer.apply_chat_template(
            body["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        schema = body["response_format"]["json_schema"]["schema"]
        grammar = compiler.compile_json_schema(schema, any_whitespace=False)
        written = model.generate(
            **encoded, max_new_tokens=body["max_tokens"], do_sample=False,
            logits_processor=[LogitsProcessor(grammar)],
        )  # fmt: skip
        return str(tokenizer.decode(written[0, encoded["input_ids"].shape[1] :],
                                    skip_special_tokens=True))  # fmt: skip

    return complete


def handler(complete: Completion, delay: float) -> type[BaseHTTPRequestHandler]:
    answered: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            models = [{"id": "toy", "object": "model"}]
            self._answer(200, {"object": "list", "data": models, "completions": len(answered)})

        def do_POST(self) -> None:
            answered.append(self.path)
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["model"] != "toy":
                error = {"error": {"message": f"The model `{body['model']}` does not exist."}}
                self._answer(404, error)
                return
            time.sleep(delay)
            message = {"role": "assistant", "content": complete(body)}
            self._answer(200, {"choices": [{"message": message, "finish_reason": "stop"}]})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--delay", type=float, default=0.0)
    given = parser.parse_args()
    complete = echo if given.echo else causal(given.model)
    ThreadingHTTPServer.request_queue_size = 64
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(complete, given.delay))
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
