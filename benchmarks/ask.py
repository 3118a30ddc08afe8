"""Questions over March 2026 and what `tracker ask` answers, to be read by a person.

    python benchmarks/ask.py --home HOME [--sentences]

HOME must have papers of early 2026 imported and indexed; it is only read. Prints how many of the
questions that the papers can answer are answered, and how many of those that they cannot are
refused, each with its time; with --sentences also every sentence with what it cites, for a reader
to judge whether the citation supports it (`ground` must agree) and whether it answers.
"""

import argparse
import time
from pathlib import Path

import summarizer
import tracker
from tracker.library import Library
from tracker.records import Answer

ANSWERABLE = (
    "Which methods cut MoE routing cost without retraining?",
    "How can the KV cache of LLMs be compressed?",
    "Does speculative decoding speed up LLM inference, and by how much?",
    "What is speculative decoding?",
    "What benchmarks exist for web agents?",
    "Which benchmarks test long-term memory of LLM agents?",
    "How do LLM judges compare with human graders?",
    "What is GRPO?",
    "Does reinforcement learning with verifiable rewards improve reasoning beyond the base model?",
    "How can hallucinations of large language models be detected?",
    "Which methods defend LLM agents against prompt injection?",
    "How large is the gain of chain-of-thought prompting?",
    "What is mechanistic interpretability?",
    "How do sparse autoencoders help interpret language models?",
    "Which methods reduce overthinking in reasoning models?",
    "How can reasoning traces be shortened?",
    "Do vision-language models understand spatial relations?",
    "What benchmarks evaluate spatial reasoning of multimodal models?",
    "How do diffusion language models compare with autoregressive models?",
    "What is a world model?",
    "Which methods quantize LLMs to 4 bits or fewer?",
    "How much accuracy does 2-bit quantization lose?",
    "What methods merge fine-tuned models?",
    "How can LLMs unlearn knowledge?",
    "Which attacks jailbreak aligned LLMs?",
    "How does retrieval-augmented generation fail?",
    "How can RAG systems be evaluated?",
    "What is agentic RAG?",
    "Which benchmarks test LLMs on medical questions?",
    "How well do LLMs write GPU kernels?",
    "Can LLMs grade essays like humans?",
    "How can code generation by LLMs be improved with reinforcement learning?",
    "What benchmarks exist for software engineering agents?",
    "Which methods detect AI-generated text?",
    "Do LLMs have political bias?",
    "How do multi-agent LLM systems fail?",
    "How can vision-language-action models be made faster?",
    "Which datasets exist for low-resource languages?",
    "How does knowledge distillation transfer reasoning to small models?",
    "What is LoRA?",
    "Which methods improve on LoRA for parameter-efficient fine-tuning?",
    "How can catastrophic forgetting in continual learning of LLMs be avoided?",
    "How do LLMs perform on mathematical proofs?",
    "What is test-time scaling?",
    "Which methods allocate test-time compute adaptively?",
    "How can tool use of LLM agents be trained?",
    "Does synthetic data cause model collapse?",
    "How is data contamination of benchmarks detected?",
    "Which methods estimate the uncertainty of LLM answers?",
    "How can LLM serving be scheduled more efficiently?",
    "What is sycophancy in language models?",
    "How can over-refusal of safety-aligned models be reduced?",
    "Which methods prune tokens in vision-language models?",
    "How are LLMs used for time series forecasting?",
    "How well do LLMs translate text to SQL?",
    "Which attention variants handle long contexts efficiently?",
    "What do probing studies find about chain-of-thought faithfulness?",
    "How can reward hacking be prevented?",
    "Which tokenizers work better for multilingual models?",
    "How do deep research agents perform?",
)
UNANSWERABLE = (
    "How do I make a good risotto?",
    "Who won the football World Cup in 2022?",
    "What year did the Roman Empire fall?",
    "Which wine goes with grilled salmon?",
    "How does the ZephyrRoute-9 scheduler cut MoE inference cost?",
    "What is FlubberNet?",
    "What is the boiling point of ethanol at high altitude?",
    "How do bees communicate the location of flowers?",
    "What is the capital of Mongolia?",
    "Which tennis player has the most Grand Slam titles?",
    "How do I fix a leaking kitchen tap?",
    "What caused the extinction of the dinosaurs?",
    "When was the Treaty of Westphalia signed?",
    "Which vitamins help against a cold?",
    "How are volcanic islands formed?",
    "What is the mortgage interest rate in Canada?",
    "Does the Quorvex optimizer beat AdamW for pretraining?",
    "How does photosynthesis convert light into sugar?",
    "What are the rules of cricket?",
    "Which benchmarks did the GlimmerBench-Q authors remove?",
)


def main() -> None:
    """Ask all questions and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sentences", action="store_true", help="print the answers")
    given = parser.parse_args()
    with tracker.open(given.home) as library:
        answers = [ask(library, question, given.sentences) for question in ANSWERABLE]
        refusals = [ask(library, question, given.sentences) for question in UNANSWERABLE]
    sentences = [(answer, s) for answer in answers for s in answer.sentences]
    proved = sum(is_proved(answer, s.works[0], s.text) for answer, s in sentences)
    print(f"answered {sum(a.answered for a in answers)} of {len(answers)}")
    print(f"refused {sum(not a.answered for a in refusals)} of {len(refusals)}")
    print(f"proved {proved} of {len(sentences)} sentences by the abstract alone")


def ask(library: Library, question: str, shows_sentences: bool) -> Answer:
    """Return the answer to a question, after printing it."""
    started = time.perf_counter()
    answer = library.ask(question)
    seconds = time.perf_counter() - started
    print(f"{seconds:5.2f} s  {'answered' if answer.answered else 'refused '}  {question}")
    for sentence in answer.sentences if shows_sentences else ():
        print(f"         {sentence.text} [{sentence.works[0]}]")
    return answer


def is_proved(answer: Answer, cited: str, text: str) -> bool:
    """Whether the abstract of the cited work supports a sentence."""
    work = next(work for work in answer.works if work.id == cited)
    return bool(summarizer.ground(work.title, work.abstract, text))


if __name__ == "__main__":
    main()
